import type { Mailbox } from '../message/address-list.ts';
import { foldField } from '../message/fold.ts';
import type { HeadEditor, HeaderField } from '../message/headers.ts';
import { formatPhrase } from '../message/mailbox-format.ts';
import type { CompiledPolicy, PlainAddress } from './compiled.ts';

/**
 * Puts the addresses of the source's RewritePolicy into the head. What the source itself wrote has been
 * judged before: rewriting never makes a forbidden address pass.
 * @returns the author that readers will see
 */
export function rewriteHead(
  compiled: CompiledPolicy,
  author: Mailbox | undefined,
  fields: ReadonlyMap<string, HeaderField>,
  editor: HeadEditor,
): PlainAddress | undefined {
  const { rewrite } = compiled.policy;
  const replyTo = fields.get('reply-to');
  if (rewrite.replyTo !== '') {
    const field = `Reply-To: ${rewrite.replyTo}\r\n`;
    if (replyTo) editor.replace(replyTo, field);
    else editor.addBottom(field);
  }
  if (!author) {
    const added = compiled.headerFrom ?? compiled.missingFrom;
    if (added) editor.addBottom(`From: ${added.address}\r\n`);
    return added;
  }
  const target = compiled.headerFrom;
  if (!target || target.address === author.address) return author;
  // a name that stood in a comment, as in `app@corp.example (The app)`, moves to where names stand today
  const name = author.phrase === '' ? formatPhrase(author.displayName) : author.phrase;
  // a name that is the old address would contradict the new one
  const phrase = author.displayName.toLowerCase() === author.address.toLowerCase() ? '' : name;
  const from = `From: ${phrase === '' ? target.address : `${phrase} <${target.address}>`}\r\n`;
  editor.replace(fields.get('from')!, withinLines(from));
  // answers still reach the one who wrote
  if (!replyTo && rewrite.replyTo === '') editor.addBottom(`Reply-To: ${author.address}\r\n`);
  return target;
}

/** The envelope sender to use; the null sender stays, or a notification could cause another one. */
export function rewriteEnvelopeFrom({ policy }: CompiledPolicy, from: string): string {
  return from === '' || policy.rewrite.envelopeFrom === '' ? from : policy.rewrite.envelopeFrom;
}

function withinLines(field: string): Buffer {
  const octets = Buffer.from(field, 'utf8');
  const folded = octets.length > 900 ? foldField('from', octets.toString('latin1')) : undefined;
  return folded === undefined ? octets : Buffer.from(folded, 'latin1');
}
