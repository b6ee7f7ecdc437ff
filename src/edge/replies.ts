import { type Reply, type RefusalFacts, refuse } from '../smtp/reply.ts';
import type { RefusalCode } from '../refusals.ts';

/** What a refusal's text quotes of the message: `[{recipient}]`. */
export type Quoted = Partial<Record<'recipient' | 'domain' | 'address' | 'list' | 'removal', string>>;

/**
 * The reply for a refusal of the edge, with what its text quotes. Quoted values come from the client: what is not
 * printable ASCII becomes `?`, and none is longer than an address may be.
 * @param suffix `[server time id]`, as Exchange Online ends its own; absent outside of a lab
 */
export function edgeReply(
  code: RefusalCode,
  quoted: Quoted = {},
  { particulars, facts, suffix }: { particulars?: string; facts?: RefusalFacts; suffix?: string } = {},
): Reply {
  const reply = refuse(code, particulars, facts);
  const text = String(reply.text).replace(
    /\{(recipient|domain|address|list|removal)\}/g,
    (_, name: keyof Quoted) => printable(quoted[name] ?? ''),
  );
  return { ...reply, text: suffix === undefined ? text : `${text} ${suffix}` };
}

function printable(text: string): string {
  return text.slice(0, 320).replace(/[^!-~]/g, '?');
}
