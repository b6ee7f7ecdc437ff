import type { HeaderIndex } from './headers.ts';

/** What a header section says of the body's form (RFC 2045), as far as it can be read without doubt. */
export interface BodyForm {
  /** `text/plain`, lower case. */
  type: string;
  boundary: string | undefined;
  /** Lower case; `7bit` when absent. */
  encoding: string;
}

const TYPE = /^\s*([a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127})\s*(?:;|$)/i;
const BOUNDARY = /;\s*boundary\s*=\s*(?:"([^"\\]{1,70})"|([^\s;"]{1,70}))/gi;

/** Undefined where readers could differ: a field twice, comments, a broken or a split boundary. */
export function bodyForm(index: HeaderIndex, defaultType = 'text/plain'): BodyForm | undefined {
  const types = index.all('content-type');
  const encodings = index.all('content-transfer-encoding');
  if (types.length > 1 || encodings.length > 1) return undefined;
  const encoding = encodings[0] ? index.value(encodings[0]).toLowerCase() : '7bit';
  if (!types[0]) return { type: defaultType, boundary: undefined, encoding };
  const value = index.value(types[0]);
  const type = TYPE.exec(value)?.[1]?.toLowerCase();
  if (type === undefined || value.length > 2000) return undefined;
  if (!type.startsWith('multipart/')) return { type, boundary: undefined, encoding };
  const boundaries = [...value.matchAll(BOUNDARY)];
  const boundary = boundaries[0]?.[1] ?? boundaries[0]?.[2];
  if (boundaries.length !== 1 || boundary === undefined || value.includes('(')) return undefined;
  return { type, boundary, encoding };
}
