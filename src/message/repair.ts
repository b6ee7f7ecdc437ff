/**
 * Mends what careless applications get wrong, as far as the source's policy allows: raw 8-bit headers, long
 * lines, missing fields. Nothing is changed that a reader could see, and a message that is right is returned
 * as the very same Buffer.
 */
import type { RefusalCode } from '../refusals.ts';
import type { RepairPolicy } from '../sources/source.ts';
import { type BodyFacts, declareEncoding, LONGEST_LINE, treatment } from './body-repair.ts';
import { formatDate } from './date.ts';
import type { Envelope } from './envelope.ts';
import { foldField } from './fold.ts';
import { HeadEditor, type HeaderIndex } from './headers.ts';
import { bodyForm, type BodyForm } from './mime-type.ts';
import { encodeRawField, hasRawOctets, isInternationalized } from './raw-headers.ts';
import type { BodyTraits } from './scan.ts';

export interface RepairRefusal {
  code: RefusalCode;
  particulars: string;
}

export interface HeadLines {
  editor: HeadEditor;
  /** Names of fields that were rewritten. */
  repaired: string[];
}

/**
 * Fields with raw 8-bit text encoded and lines over 998 octets folded; both before anything is judged, so
 * that what is judged is what leaves. Costs nothing when there is nothing to mend.
 * @returns M608 or M604 when the policy or the field does not allow it.
 */
export function repairHeadLines(
  index: HeaderIndex,
  policy: RepairPolicy,
  smtpUtf8: boolean,
): HeadLines | RepairRefusal | undefined {
  const raw = index.eightBit && !(smtpUtf8 && isInternationalized(index));
  const long = index.longestLine > LONGEST_LINE;
  if (!raw && !long) return undefined;
  if (raw && !policy.rawHeaders) return { code: 'M608', particulars: 'raw 8-bit header text' };
  const editor = new HeadEditor(index);
  const repaired: string[] = [];
  for (const field of index.fields) {
    const octets = index.raw(field);
    let text: string | undefined;
    if (raw && hasRawOctets(octets)) {
      text = encodeRawField(index, field);
      if (text === undefined) return { code: 'M608', particulars: `${field.name} can not be encoded` };
    }
    const lines = text ?? (long ? octets.toString('latin1') : '');
    if (lines.split('\r\n').some((line) => line.length > LONGEST_LINE)) {
      text = policy.longLines ? foldField(field.name, lines) : undefined;
      if (text === undefined) return { code: 'M604', particulars: `${field.name} is too long for a line` };
    }
    if (text === undefined) continue;
    // folded octets are not text: a raw field under SMTPUTF8 keeps its UTF-8
    editor.replace(field, Buffer.from(text, 'latin1'));
    repaired.push(field.name);
  }
  return { editor, repaired };
}

export interface Origin {
  /** Spool identifier. */
  id: string;
  /** Name of this relay. */
  hostname: string;
  /** Wall time of acceptance, milliseconds. */
  at: number;
}

/** Adds a missing Date and Message-ID; M605 when the policy does not. @returns names of what was added */
export function addMissing(
  index: HeaderIndex,
  editor: HeadEditor,
  policy: RepairPolicy,
  origin: Origin,
): string[] | RepairRefusal {
  const missing = ['date', 'message-id'].filter((name) => !index.first(name));
  if (missing.length === 0) return missing;
  if (!policy.missingHeaders) return { code: 'M605', particulars: `no ${missing.join(' and no ')}` };
  if (missing.includes('date')) editor.addBottom(`Date: ${formatDate(origin.at)}\r\n`);
  if (missing.includes('message-id')) editor.addBottom(`Message-ID: <${origin.id}@${origin.hostname}>\r\n`);
  return missing;
}

/** What is to be done with a body: nothing, or a BodyRepair of this form. */
export interface BodyPlan {
  repair: BodyForm | 'line-end' | undefined;
  facts: BodyFacts;
  /** Names of fields that were added or changed for it. */
  repaired: string[];
}

/**
 * Decides from what the scan learnt whether the body needs repair, and puts the MIME fields right that
 * describe it. A body that came as BINARYMIME is made fit for lines whatever the policy says: to take it is to
 * promise that (RFC 3030 §3). One that came in lines and holds a NUL is old syntax, to be read but not to be
 * written (RFC 5322 §4): it is encoded where the policy repairs lines, and refused where it does not.
 * @param declared BODY parameter of the envelope
 */
export function repairMime(
  index: HeaderIndex,
  editor: HeadEditor,
  policy: RepairPolicy,
  body: BodyTraits,
  declared: Envelope['body'] = '7bit',
): BodyPlan | RepairRefusal {
  const binarymime = declared === 'binarymime';
  const tooLong = body.longestLine > LONGEST_LINE;
  const noLines = body.bareLineEnds || body.nul;
  if (body.bareLineEnds && !binarymime) return { code: 'M602', particulars: 'in the body' };
  if (!policy.longLines && !binarymime) {
    if (body.nul) return { code: 'M610', particulars: 'a NUL in the body' };
    if (tooLong) return { code: 'M604', particulars: `a line of the body has ${body.longestLine} octets` };
  }
  const facts = { binary: binarymime || noLines, eightBit: body.eightBit };
  const unended = binarymime && body.missingLineEnd;
  const form = tooLong || noLines || unended ? bodyForm(index) : undefined;
  const encoding = form && treatment(form, facts).encoding;
  const repaired: string[] = [];
  const undeclared = body.eightBit && policy.missingHeaders && !index.first('content-type');
  if (undeclared || encoding !== undefined) {
    if (!index.first('mime-version')) add('MIME-Version: 1.0\r\n');
    if (!index.first('content-type')) {
      const charset = body.eightBit ? (body.utf8 ? 'utf-8' : 'windows-1252') : 'us-ascii';
      add(`Content-Type: text/plain; charset=${charset}\r\n`);
    }
    if (encoding !== undefined) {
      declareEncoding(index, editor, encoding);
      repaired.push('content-transfer-encoding');
    } else if (!index.first('content-transfer-encoding')) add('Content-Transfer-Encoding: 8bit\r\n');
  } else if (policy.missingHeaders && index.first('content-type') && !index.first('mime-version')) {
    // RFC 2045 §4: without it the rest need not be read as MIME
    add('MIME-Version: 1.0\r\n');
  }
  // the line end that binary content lacks must not become part of it
  if (tooLong || noLines || (unended && encoding !== undefined)) {
    if (form) return { repair: form, facts, repaired };
    return {
      code: noLines ? 'M610' : 'M604',
      particulars: 'the body must be encoded, and its MIME fields are unclear',
    };
  }
  return { repair: body.missingLineEnd ? 'line-end' : undefined, facts, repaired };

  function add(field: string): void {
    editor.addBottom(field);
    repaired.push(field.slice(0, field.indexOf(':')).toLowerCase());
  }
}
