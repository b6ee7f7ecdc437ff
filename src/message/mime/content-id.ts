/** The Content-ID in a `cid:` address without its scheme (RFC 2392 §2). */
export function contentIdOf(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    // not encoded after all
    return id;
  }
}
