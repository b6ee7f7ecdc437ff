/** The front doors of the lab's tenants (src/wiring/lab.ts), one of which believes what the PROXY protocol says. */
const LAB_LISTENERS: ReadonlySet<string> = new Set(['lab', 'lab-proxied']);

/** Whether an event is of the lab's own service: what that takes or refuses is nobody's mail. */
export function isOfLab({ listener }: { listener?: string }): boolean {
  return listener !== undefined && LAB_LISTENERS.has(listener);
}
