import type { Exception } from '../../api/schema.ts';

/** What can be allowed, the least weak first. */
export const EXCEPTION_KINDS = [
  'tls-1.1',
  'tls-1.0',
  'rsa-key-exchange',
  '3des',
  'no-tls',
  'cram-md5',
] as const satisfies readonly Exception['kind'][];

/** As keys of texts have it: a dot parts them. */
export const keyOfKind = (kind: Exception['kind']): string => kind.replace('.', '_');

/** Read again after a change of an exception. */
export const STALE = [
  '/exceptions',
  '/exceptions/{id}',
  '/overview',
  '/sources/{name}/compatibility',
  '/sources/{name}/sheet',
];
