/**
 * A second reading of what a client said and was answered: strict, slow, and written without looking at the server's
 * own. It says which messages the client has sent, and that every command had its one reply, in its turn.
 */
import { isUtf8 } from 'node:buffer';
import { must, show } from '../target.ts';
import type { WireReply } from './replies.ts';

export interface Heard {
  /** What the server said yes to at its end, as it must have been handed on. */
  accepted: { content: Buffer; binary: boolean }[];
  /** The content of a message whose end was reached while its reply is not there. */
  unanswered: Buffer | undefined;
  /** For the shape: the verbs and codes. */
  trail: string;
}

export interface Reading {
  lineEndings: 'refuse' | 'repair';
  /** Nothing broke and nobody ran out of time: each reply must be accounted for. */
  exact: boolean;
  /** The server closed the connection before the client did. */
  closedByServer: boolean;
}

const POSITIVE: Record<string, number[]> = {
  EHLO: [250],
  HELO: [250],
  MAIL: [250],
  RCPT: [250],
  DATA: [354],
  BDAT: [250],
  RSET: [250],
  NOOP: [250],
  QUIT: [221],
  VRFY: [252],
  HELP: [214],
  STARTTLS: [220],
  AUTH: [235, 334],
};

export function readConversation(said: Buffer, replies: readonly WireReply[], reading: Reading): Heard {
  const heard: Heard = { accepted: [], unanswered: undefined, trail: '' };
  let at = 0;
  let next = 0;
  let greeted = false;
  /** `refused`: DATA was, after which a server may or may not begin anew. */
  let mail:
    | { binary: boolean; recipients: number; chunks: Buffer[] | undefined; refused?: boolean }
    | undefined;
  let sasl = false;
  /** The first command without a reply. */
  let unanswered: string | undefined;

  const greeting = replies[next++];
  if (greeting?.code === 220) {
    while (at < said.length) {
      const start = at;
      const end = said.indexOf(10, at);
      // an incomplete line has no reply; a TLS record may get one without being a line
      if (end < 0) break;
      const line = said.toString('latin1', start, end);
      const chunk = sasl ? undefined : /^BDAT +([0-9]{1,20})( +LAST)? *\r$/i.exec(line);
      const size = Number(chunk?.[1] ?? 0);
      const reply = replies[next];
      at = end + 1;
      if (!reply) {
        // a chunk is answered when it is complete
        if (!chunk || at + size <= said.length) unanswered = line;
        break;
      }
      next++;
      if (said[start] === 0x16 || !line.endsWith('\r')) {
        must(
          reply.code >= 400,
          () => `a line that does not end with CR LF was answered ${reply.lines.join()}`,
        );
        must(next === replies.length, () => `more was said after a line with a bare LF: ${show(line)}`);
        return heard;
      }
      // what holds a control character or is no UTF-8 is no command
      const legible = !/[\0-\x1f\x7f]/.test(line.slice(0, -1)) && isUtf8(said.subarray(start, end));
      const word = legible ? (/^[A-Za-z]+(?= |\r)/.exec(line)?.[0].toUpperCase() ?? '') : '';
      // nor is a line that is longer than lines may be
      const verb: string = sasl ? 'AUTH' : reply.lines[0]?.includes('C107') ? '' : word;
      heard.trail += `${verb.slice(0, 4)}${reply.code} `;
      must(
        reply.code >= 400 || POSITIVE[verb]?.includes(reply.code),
        () => `${show(line)} was answered ${reply.lines.join()}`,
      );
      // "bad sequence" is the word for what is out of turn, and for nothing else
      if (reply.lines[0]?.includes(' C105 ') && !mail?.refused) {
        const ready = mail !== undefined && mail.recipients > 0;
        const inTurn =
          (verb === 'MAIL' && greeted && !mail) ||
          (verb === 'RCPT' && mail && !mail.chunks) ||
          (verb === 'DATA' && ready && !mail?.chunks && !mail?.binary) ||
          (verb === 'BDAT' && ready);
        must(!inTurn, () => `in turn, and refused: ${show(line)} ${reply.lines.join()}`);
      }
      sasl = verb === 'AUTH' && reply.code === 334;
      const yes = reply.code < 400;
      if (verb === 'EHLO' || verb === 'HELO') {
        if (yes) [greeted, mail] = [true, undefined];
      } else if (verb === 'RSET' && yes) mail = undefined;
      else if (verb === 'STARTTLS' && yes) [greeted, mail] = [false, undefined];
      else if (verb === 'MAIL' && yes) {
        must(greeted && (!mail || mail.refused), () => `MAIL out of turn was accepted: ${show(line)}`);
        mail = { binary: / BODY=BINARYMIME(?: |\r$)/i.test(line), recipients: 0, chunks: undefined };
      } else if (verb === 'RCPT' && yes) {
        must(mail && !mail.chunks, () => `RCPT out of turn was accepted: ${show(line)}`);
        mail.recipients++;
      } else if (verb === 'DATA' && yes) {
        must(mail && mail.recipients > 0 && !mail.chunks, 'DATA out of turn was accepted');
        const stop = said.indexOf('\r\n.\r\n', at - 2);
        const answer = replies[next];
        if (stop < 0) {
          // a refusal may come early, and then closes
          if (answer) next++;
          must(
            !answer || answer.code >= 400,
            () => `a message without its end was answered ${answer?.lines.join()}`,
          );
          at = said.length;
        } else {
          const content = unstuffed(said.subarray(at, Math.max(at, stop + 2)), reading.lineEndings);
          at = stop + 5;
          if (!answer) heard.unanswered = content;
          else next++;
          if (answer && answer.code < 300) heard.accepted.push({ content, binary: false });
          if (answer) heard.trail += `.${answer.code} `;
        }
        mail = undefined;
      } else if (verb === 'DATA' && mail) mail.refused = true;
      else if (verb === 'BDAT') {
        must(chunk || !yes, () => `a BDAT without length was accepted: ${show(line)}`);
        const last = chunk?.[2] !== undefined;
        const whole = at + size <= said.length;
        const octets = said.subarray(at, at + size);
        at += size;
        if (!whole) {
          must(!yes, () => `BDAT was answered before its octets came: ${reply.lines.join()}`);
        } else if (!yes) mail = undefined;
        else {
          must(mail && mail.recipients > 0, 'BDAT out of turn was accepted');
          mail.chunks = [...(mail.chunks ?? []), octets];
          if (last) {
            const content = Buffer.concat(mail.chunks);
            heard.accepted.push({
              content: mail.binary || reading.lineEndings === 'refuse' ? content : repaired(content),
              binary: mail.binary,
            });
            mail = undefined;
          }
        }
      }
    }
  } else if (greeting) must(greeting.code >= 400, () => `the greeting is ${greeting.lines.join()}`);

  const extra = replies.slice(next);
  // what a server says out of turn says goodbye (RFC 5321 §3.8), and nothing comes behind it
  must(
    extra.length <= 1,
    () => `replies to no command: ${show(extra.map(({ lines }) => lines.join('|')).join(' / '))}`,
  );
  must(
    extra.every(({ code }) => code >= 400),
    () => `a reply to no command: ${show(extra[0]?.lines.join('|') ?? '')}`,
  );
  if (reading.exact && unanswered !== undefined) {
    const goodbye = replies.at(-1);
    must(
      reading.closedByServer && goodbye && (goodbye.code >= 400 || goodbye.code === 221),
      () => `no reply to ${show(unanswered ?? '')}`,
    );
  }
  return heard;
}

/** RFC 5321 §4.5.2: a dot at the beginning of a line goes, and only CR LF ends a line. */
function unstuffed(raw: Buffer, lineEndings: 'refuse' | 'repair'): Buffer {
  const lines = raw
    .toString('latin1')
    .split('\r\n')
    .map((line) => (line.startsWith('.') ? line.slice(1) : line));
  if (lineEndings === 'refuse') return Buffer.from(lines.join('\r\n'), 'latin1');
  return Buffer.from(lines.map((line) => line.replaceAll(/\r|\n/g, '\r\n')).join('\r\n'), 'latin1');
}

function repaired(raw: Buffer): Buffer {
  return Buffer.from(raw.toString('latin1').replaceAll(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}
