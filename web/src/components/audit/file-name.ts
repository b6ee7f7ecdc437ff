/** The last part of a path: where the evidence lies on a disk is nobody's business. */
export function lastOf(name: string): string {
  return name.split(/[\\/]/).at(-1) ?? name;
}
