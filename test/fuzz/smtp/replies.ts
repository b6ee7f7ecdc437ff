import { must, show } from '../target.ts';

/** A reply as it was read from the wire by the grammar, not by the product's own client. */
export interface WireReply {
  code: number;
  lines: string[];
}

/**
 * Reads all that a server has said, by the grammar of RFC 5321 §4.2 and nothing more lenient: three digits, lines of
 * one code, the last with a space, CR LF, at most 512 octets, printable ASCII (UTF-8 in texts since RFC 6531), and
 * with RFC 2034 §4 a status of the code's class on all lines or on none.
 * @param cut the connection broke, so the last reply may be incomplete
 */
export function readReplies(said: string, cut: boolean): WireReply[] {
  const replies: WireReply[] = [];
  let lines: string[] = [];
  const parts = said.split('\r\n');
  const rest = parts.pop() ?? '';
  must(cut || rest === '', () => `what the server said does not end with CR LF: ${show(rest)}`);
  for (const line of parts) {
    const found = /^([2-5][0-5][0-9])([ -])([\t -~\u00a0-\u2027\u202a-\uffff]*)$/.exec(line);
    must(found, () => `not a line of a reply: ${show(line)}`);
    must(Buffer.byteLength(line) <= 510, () => `a line of ${Buffer.byteLength(line)} octets: ${show(line)}`);
    const [, code = '', separator, text = ''] = found;
    const first = lines[0];
    must(
      first === undefined || first.startsWith(code),
      () => `a reply of two codes: ${show(first ?? '')} ${show(line)}`,
    );
    const status = /^([245])\.\d{1,3}\.\d{1,3} /.exec(text)?.[1];
    must(status === undefined || status === code[0], () => `a status of another class: ${show(line)}`);
    must(Number(code) < 400 || status !== undefined, () => `a refusal without status: ${show(line)}`);
    lines.push(line);
    if (separator === '-') continue;
    replies.push({ code: Number(code), lines });
    lines = [];
  }
  must(cut || lines.length === 0, () => `a reply without its last line: ${show(lines.join('|'))}`);
  return replies;
}
