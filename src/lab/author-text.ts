import { readDomainAuthor } from '../authentication/author.ts';
import type { HeaderIndex } from '../message/headers.ts';

/** The author's address for the trace; empty when no single one can be read. */
export function readAuthor(index: HeaderIndex): string {
  const author = readDomainAuthor(index);
  return author.kind === 'domain' ? author.address : '';
}
