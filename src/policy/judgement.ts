/**
 * What a source may do: the judgement over one complete message, in the order in which a person would look
 * at it. Envelope senders and recipients have been judged command by command before (sender.ts, recipients.ts);
 * rates (limits.ts) are asked by acceptance, because asking counts.
 */
import { BodyRepair } from '../message/body-repair.ts';
import type { Traits } from '../message/content.ts';
import type { Envelope } from '../message/envelope.ts';
import { HeadEditor, HeaderIndex, type HeaderLimits } from '../message/headers.ts';
import { addMissing, repairHeadLines, repairMime, type Origin } from '../message/repair.ts';
import { mergeTraits, scanHead, type BodyTraits } from '../message/scan.ts';
import { refuse, type Reply } from '../smtp/reply.ts';
import type { Source } from '../sources/source.ts';
import type { CompiledPolicies } from './compiled.ts';
import { quoted, type Refusal } from './refusal.ts';
import { rewriteEnvelopeFrom, rewriteHead } from './rewrite.ts';
import { checkHeaders } from './sender.ts';

export interface Submission extends Origin {
  source: Source;
  envelope: Readonly<Envelope>;
  /** As MessageScanner collected it. */
  head: Buffer;
  /** Of the whole message, and of the body alone, from the same scanner. */
  traits: Traits;
  bodyTraits: BodyTraits;
}

export interface JudgementLimits extends HeaderLimits {
  /** Received fields. */
  hops: number;
}

/** Accepted, with something its owner should mend. */
export interface Warning {
  code:
    | 'headers-repaired'
    | 'body-repaired'
    | 'display-name-shows-address'
    | 'blind-copies-visible'
    | 'signature-broken';
  text: string;
}

export interface Refused {
  kind: 'refused';
  reply: Reply;
}

export interface Allowed {
  kind: 'allowed';
  /** The very Buffer that came in, when nothing had to be changed. */
  head: Buffer;
  /** With `bodyRepair`, its `body` is still what the client said: see `inLines`. */
  envelope: Envelope;
  /** Of head and body; with `bodyRepair`, ask that for them when it has finished. */
  traits: Traits;
  /** The body must pass through it; its `failure` is a refusal. */
  bodyRepair: BodyRepair | undefined;
  /** The From address as the source wrote it; empty when it wrote none. */
  author: string;
  /** The author that readers see, and the domain that DMARC judges (A-labels). */
  headerFrom: string;
  headerFromDomain: string;
  warnings: Warning[];
}

export type Judgement = Allowed | Refused;

/** Refuses a message, or tells how it is to leave. */
export function judge(
  submission: Submission,
  policies: CompiledPolicies,
  limits: JudgementLimits,
): Judgement {
  const { source, envelope, bodyTraits } = submission;
  const compiled = policies.of(source);
  const { repair } = source.policy;
  const repaired: string[] = [];
  const warnings: Warning[] = [];

  let index = new HeaderIndex(submission.head, limits);
  if (index.fault) return refused(malformed(index));
  const lines = repairHeadLines(index, repair, envelope.smtpUtf8);
  if (lines) {
    if ('code' in lines) return refused(lines);
    // judged is what leaves, not what came
    index = new HeaderIndex(lines.editor.build(), limits);
    if (index.fault) return refused(malformed(index));
    repaired.push(...lines.repaired);
  }

  const findings = checkHeaders(compiled, envelope.from, index, limits);
  if ('code' in findings) return refused(findings);
  const { author, displayAddress, fields, unquoted } = findings;

  const editor = new HeadEditor(index);
  for (const { field, mailbox } of unquoted) {
    const name = index.head.toString('latin1', field.start, field.valueStart);
    editor.replace(field, `${name} ${mailbox.phrase} <${mailbox.address}>\r\n`);
    repaired.push(field.name);
  }
  const shown = rewriteHead(compiled, author, fields, editor);
  if (!shown) return refused({ code: 'M605', particulars: 'no From' });
  if (!author) repaired.push('from');
  const added = addMissing(index, editor, repair, submission);
  if ('code' in added) return refused(added);
  const body = repairMime(index, editor, repair, bodyTraits, envelope.body);
  if ('code' in body) return refused(body);
  repaired.push(...added, ...body.repaired);

  if (repaired.length > 0) {
    warnings.push({
      code: 'headers-repaired',
      text: `repaired or added: ${[...new Set(repaired)].join(', ')}`,
    });
  }
  if (body.repair !== undefined && body.repair !== 'line-end') {
    const text = body.facts.binary ? 'binary octets' : `a line of ${bodyTraits.longestLine} octets`;
    warnings.push({ code: 'body-repaired', text: `encoded, because the body had ${text}` });
  }
  if (displayAddress !== undefined) {
    const text = `the display name of ${quoted(shown.address)} shows ${quoted(displayAddress)}`;
    warnings.push({ code: 'display-name-shows-address', text });
  }
  if (fields.has('bcc')) {
    warnings.push({
      code: 'blind-copies-visible',
      text: 'the message names its blind copies to all recipients',
    });
  }
  const head = editor.build();
  const changed = head !== submission.head;
  if ((changed || body.repair !== undefined) && index.first('dkim-signature')) {
    warnings.push({
      code: 'signature-broken',
      text: "the application's own DKIM signature may no longer verify",
    });
  }
  const from = rewriteEnvelopeFrom(compiled, envelope.from);
  const sent = from === envelope.from ? envelope : { ...envelope, from };
  const traits = changed ? mergeTraits(scanHead(head), bodyTraits) : submission.traits;
  const bodyRepair = body.repair && new BodyRepair(body.repair, scanHead(head), body.facts);
  return {
    kind: 'allowed',
    head,
    envelope: bodyRepair ? sent : inLines(sent, traits),
    traits,
    bodyRepair,
    author: author?.address ?? '',
    headerFrom: shown.address,
    headerFromDomain: shown.domain,
    warnings,
  };
}

/** BINARYMIME ends here (RFC 3030 §3): what goes on has lines, and any next hop can take it. */
export function inLines(envelope: Envelope, { eightBit }: Traits): Envelope {
  return envelope.body === 'binarymime' ? { ...envelope, body: eightBit ? '8bitmime' : '7bit' } : envelope;
}

function refused({ code, particulars, facts }: Refusal): Refused {
  return { kind: 'refused', reply: refuse(code, particulars, facts) };
}

function malformed({ fault, head }: HeaderIndex): Refusal {
  const { kind, at } = fault!;
  const code = kind === 'bare-line-ending' ? 'M602' : 'M603';
  return { code, particulars: `${kind} at octet ${at}: ${quoted(head.toString('latin1', at, at + 60))}` };
}
