import type { Device } from './device.ts';

/** A name for the source of a device: what it calls itself, or else where it is; never one that is taken. */
export function sourceNameFor(device: Device, taken: (name: string) => boolean): string {
  const hello = device.seen.hellos.seen[0]?.value ?? '';
  // an address in brackets, or a name such as localhost, tells nothing; export can be no name of a source
  const named = /^[a-z][a-z0-9-]{1,40}(?=$|\.)/i.exec(hello)?.[0].toLowerCase();
  const place = device.network
    .toLowerCase()
    .replace(/\/64$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-');
  const base =
    named === undefined || /^(localhost|local|unknown|smtp|mail|export)$/.test(named)
      ? `device-${place}`
      : named;
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken(name)) return name;
  }
}
