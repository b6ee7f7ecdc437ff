import type { Config } from './config/schema.ts';

/** Where people open the console: as it is configured, or where the API listens. */
export function consoleAddress(
  { hostname, people, api }: Pick<Config, 'hostname' | 'people' | 'api'>,
  apiAddress: string,
): string {
  if (people.publicUrl !== '') return people.publicUrl.replace(/\/+$/, '');
  // an address that means all of this machine's is none to open
  const isAny = /^(?:0\.0\.0\.0|::|0:0:0:0:0:0:0:0)$/.test(api.host);
  if (!isAny) return apiAddress;
  const url = new URL(apiAddress);
  return `${url.protocol}//${hostname}:${url.port}`;
}
