import { createHash } from 'node:crypto';
import type { HtmlFindings } from './html/findings.ts';
import { decodeText } from './mime/charset.ts';
import { contentIdOf } from './mime/content-id.ts';
import { fieldText, shownText } from './mime/fields.ts';
import { harmlessName, type NameFlag } from './mime/file-name.ts';
import { fileType, isDisguised, TYPE_OCTETS } from './mime/file-type.ts';
import type { MessageOctets } from './mime/octets.ts';
import { isContainer, type MimeNoticeCode, type MimePart, type MimeTree, partsOf } from './mime/part.ts';
import { beginningOf, contentOf, scanMime } from './mime/part-content.ts';
import { type Picture, pictureIn } from './mime/picture.ts';

/** A message as people look at it; for display only, never for decisions. */
export interface MessageView {
  /** Octets of the whole. */
  size: number;
  headers: HeaderView[];
  text?: TextView;
  html?: HtmlView;
  structure: PartView;
  attachments: AttachmentView[];
  notices: ViewNotice[];
}

export interface HeaderView {
  name: string;
  /** Decoded, without what moves a cursor or turns the direction of text. */
  value: string;
  /** As it stands in the message, folds and all. */
  raw: string;
}

export interface TextView {
  content: string;
  /** Number of the part; of the first where there are several. */
  part: string;
  charset: string;
  /** The message has HTML only: this is what it says. */
  fromHtml: boolean;
}

export interface HtmlView {
  part: string;
  findings: HtmlFindings;
}

export interface PartView {
  part: string;
  type: string;
  encoding: string;
  /** Octets as they stand in the message, encoded. */
  size: number;
  /** Harmless; absent when it has none. */
  name?: string;
  children: PartView[];
}

export type AttachmentFlag = NameFlag | 'disguised';

export interface AttachmentView {
  part: string;
  /** Harmless, fit for a file; never empty. */
  name: string;
  declaredType: string;
  /** What its first octets say; absent when they say nothing. */
  foundType?: string;
  /** Octets, decoded. */
  size: number;
  /** False for a large message: the size is reckoned, and there is no hash. */
  exact: boolean;
  /** Hexadecimal, of what would be saved. */
  sha256?: string;
  /** The HTML shows it. */
  inline: boolean;
  flags: AttachmentFlag[];
}

export type ViewNoticeCode =
  | MimeNoticeCode
  | 'unknown-charset'
  | 'invalid-octets'
  | 'direction-marks'
  | 'text-cut'
  | 'html-cut';

export interface ViewNotice {
  code: ViewNoticeCode;
  part: string;
}

/** Octets of text and of HTML that are decoded to be shown. */
const MOST_TEXT = 512 * 1024;
const MOST_HTML = 2 * 1024 * 1024;
const MOST_HEADERS = 500;
const MOST_VALUE = 10_000;
const MOST_WORD = 60;
const MOST_ATTACHMENTS = 300;
/** Encoded octets that are decoded for sizes and hashes; the rest is reckoned. */
const MOST_HASHED = 16 * 1024 * 1024;
const MOST_IMAGE = 512 * 1024;
const MOST_IMAGES = 3 * 1024 * 1024;
/** Names of pictures in HTML that are looked for. */
const MOST_NAMED = 2000;
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/;

/** The parts that are the message itself, rather than attached to it. */
interface Bodies {
  text: MimePart[];
  html?: MimePart;
}

/**
 * Reads a message within bounds of depth, parts, size and time; never throws on what it holds.
 * @throws the system's error when the body is a file that has gone
 */
export async function viewMessage(message: MessageOctets): Promise<MessageView> {
  const tree = await scanMime(message);
  const bodies = bodiesOf(tree.root);
  const notices: ViewNotice[] = [...tree.notices];
  const page = await pageOf(message, tree, bodies, notices);
  const text = await textOf(message, bodies, page?.html, notices);
  return {
    size: message.length,
    headers: headersOf(tree.root),
    text,
    html: page && { part: page.part, findings: page.findings },
    structure: structureOf(tree.root),
    attachments: await attachmentsOf(message, tree, bodies, page?.shown),
    notices,
  };
}

/** The HTML of a message as a document that does nothing; undefined when it has none. */
export async function viewHtml(message: MessageOctets): Promise<string | undefined> {
  const tree = await scanMime(message);
  return (await pageOf(message, tree, bodiesOf(tree.root), []))?.document;
}

/** A part that can be saved, by its number, with a name for it. */
export async function findPart(
  message: MessageOctets,
  number: string,
): Promise<{ part: MimePart; name: string } | undefined> {
  const { root } = await scanMime(message);
  for (const part of partsOf(root)) if (part.number === number) return { part, name: nameOf(part).name };
  return undefined;
}

function headersOf({ fields }: MimePart): HeaderView[] {
  return fields.slice(0, MOST_HEADERS).map((field) => ({
    name: field.name,
    value: shownText(field).slice(0, MOST_VALUE),
    raw: `${field.name}:${field.octets.toString('utf8').slice(0, MOST_VALUE).trimEnd()}`,
  }));
}

function bodiesOf(root: MimePart): Bodies {
  const bodies: Bodies = { text: [] };
  const walk = (part: MimePart): void => {
    if (part.type.startsWith('multipart/')) part.children.forEach(walk);
    else if (part.children.length > 0 || part.disposition === 'attachment' || part.fileName !== '') return;
    else if (part.type === 'text/plain') bodies.text.push(part);
    else if (part.type === 'text/html') bodies.html ??= part;
  };
  walk(root);
  return bodies;
}

async function pageOf(message: MessageOctets, tree: MimeTree, { html: part }: Bodies, notices: ViewNotice[]) {
  if (!part) return undefined;
  const html = await decodedText(message, part, MOST_HTML, 'html-cut', notices);
  const images = await imagesOf(message, tree, html);
  // what reads HTML is loaded where there is some to be read
  const { safeHtml } = await import('./html/safe-html.ts');
  const shown = new Set<MimePart>();
  const { document, findings } = await safeHtml(html, (id) => {
    const image = images.get(id);
    if (image) shown.add(image.part);
    return image?.picture;
  });
  if (findings.cut) addNotice(notices, 'html-cut', part);
  // marks that were written as character references as well
  if (DIRECTION.test(document)) addNotice(notices, 'direction-marks', part);
  return { part: part.number, html, shown, document, findings };
}

async function textOf(
  message: MessageOctets,
  { text: parts, html: htmlPart }: Bodies,
  html: string | undefined,
  notices: ViewNotice[],
): Promise<TextView | undefined> {
  const [first] = parts;
  if (first) {
    const pieces: string[] = [];
    let left = MOST_TEXT;
    for (const part of parts) {
      const piece = await decodedText(message, part, left, 'text-cut', notices);
      pieces.push(piece);
      left -= piece.length;
      if (left <= 0) break;
    }
    return { content: pieces.join('\n'), part: first.number, charset: charsetOf(first), fromHtml: false };
  }
  if (html === undefined || !htmlPart) return undefined;
  const { htmlText } = await import('./html/safe-html.ts');
  const { text, cut } = await htmlText(html);
  if (cut) addNotice(notices, 'html-cut', htmlPart);
  return { content: text, part: htmlPart.number, charset: charsetOf(htmlPart), fromHtml: true };
}

function charsetOf({ parameters }: MimePart): string {
  return shownWord(parameters.get('charset')?.toLowerCase() ?? 'utf-8');
}

async function decodedText(
  message: MessageOctets,
  part: MimePart,
  most: number,
  cutCode: 'text-cut' | 'html-cut',
  notices: ViewNotice[],
): Promise<string> {
  const { octets, cut } = await beginningOf(message, part, most);
  const { text, doubt } = decodeText(octets, part.parameters.get('charset') ?? '', cut);
  if (cut) addNotice(notices, cutCode, part);
  if (doubt) addNotice(notices, doubt, part);
  if (DIRECTION.test(text)) addNotice(notices, 'direction-marks', part);
  return text;
}

function addNotice(notices: ViewNotice[], code: ViewNoticeCode, { number }: MimePart): void {
  if (!notices.some((one) => one.code === code && one.part === number)) notices.push({ code, part: number });
}

interface OwnImage {
  part: MimePart;
  picture: Picture;
}

/** The pictures that HTML names and the message carries (RFC 2392), by their Content-ID. */
async function imagesOf(
  message: MessageOctets,
  { root }: MimeTree,
  html: string,
): Promise<Map<string, OwnImage>> {
  const images = new Map<string, OwnImage>();
  const named = namedIn(html);
  if (named.size === 0) return images;
  let left = MOST_IMAGES;
  for (const part of partsOf(root)) {
    const { contentId, type } = part;
    if (!named.has(contentId) || images.has(contentId) || isContainer(part)) continue;
    if (!/^(?:image\/|application\/octet-stream)/.test(type)) continue;
    const { octets, cut } = await beginningOf(message, part, Math.min(MOST_IMAGE, left));
    const picture = cut ? undefined : pictureIn(octets);
    if (!picture) continue;
    left -= octets.length;
    images.set(contentId, { part, picture });
  }
  return images;
}

/** Read in one pass: to look for each Content-ID takes as long as HTML and names are long together, multiplied. */
function namedIn(html: string): Set<string> {
  const named = new Set<string>();
  for (const [, id = ''] of html.matchAll(/cid:([^\s"'<>]{1,998})/gi)) {
    named.add(id).add(contentIdOf(id));
    if (named.size >= MOST_NAMED) break;
  }
  return named;
}

function structureOf(part: MimePart): PartView {
  const { number, type, encoding, body, fileName, children } = part;
  return {
    part: number,
    type,
    encoding: shownWord(encoding),
    size: body.end - body.start,
    name: fileName === '' ? undefined : nameOf(part).name,
    children: children.map(structureOf),
  };
}

/** A word of the message that names something, fit to stand in a list. */
function shownWord(word: string): string {
  return word.slice(0, MOST_WORD).replaceAll(/[^\x21-\x7e]/g, '\ufffd');
}

async function attachmentsOf(
  message: MessageOctets,
  { root }: MimeTree,
  bodies: Bodies,
  shown?: ReadonlySet<MimePart>,
): Promise<AttachmentView[]> {
  const found: AttachmentView[] = [];
  let left = MOST_HASHED;
  for (const part of attachedParts(root, bodies)) {
    if (found.length === MOST_ATTACHMENTS) break;
    const encoded = part.body.end - part.body.start;
    const exact = encoded <= left;
    if (exact) left -= encoded;
    const content = exact ? await measured(message, part) : await reckoned(message, part);
    const { name, extension, flags } = nameOf(part);
    const type = fileType(content.beginning);
    found.push({
      part: part.number,
      name,
      declaredType: part.type,
      foundType: type?.type,
      size: content.size,
      exact,
      sha256: content.sha256,
      inline: shown?.has(part) ?? false,
      flags: isDisguised(type, part.type, extension) ? [...flags, 'disguised'] : flags,
    });
  }
  return found;
}

/** What is not the message's own text: attached messages as a whole, and what lies in those beside text. */
function* attachedParts(root: MimePart, { text, html }: Bodies): Generator<MimePart> {
  const shown = new Set([...text, html]);
  const messages: string[] = [];
  for (const part of partsOf(root)) {
    if (shown.has(part) || (isContainer(part) && part.type.startsWith('multipart/'))) continue;
    const isInner = messages.some((number) => part.number.startsWith(`${number}.`));
    if (isInner && part.type.startsWith('text/') && part.fileName === '' && part.disposition !== 'attachment')
      continue;
    if (isContainer(part)) messages.push(part.number);
    yield part;
  }
}

async function measured(message: MessageOctets, part: MimePart) {
  const hash = createHash('sha256');
  let size = 0;
  let beginning: Buffer = Buffer.alloc(0);
  for await (const piece of contentOf(message, part)) {
    hash.update(piece);
    size += piece.length;
    if (beginning.length < TYPE_OCTETS)
      beginning = Buffer.concat([beginning, piece.subarray(0, TYPE_OCTETS)]);
  }
  return { beginning, size, sha256: hash.digest('hex') };
}

async function reckoned(message: MessageOctets, part: MimePart) {
  const { octets: beginning } = await beginningOf(message, part, TYPE_OCTETS);
  const encoded = part.body.end - part.body.start;
  // four characters for three octets, and a line end for every 76
  const size = part.encoding === 'base64' ? Math.floor((encoded * 76 * 3) / (78 * 4)) : encoded;
  return { beginning, size, sha256: undefined };
}

const ENDINGS: Record<string, string> = {
  'text/plain': 'txt',
  'text/html': 'html',
  'text/calendar': 'ics',
  'text/csv': 'csv',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
};

function nameOf(part: MimePart) {
  if (part.type === 'message/rfc822' && part.fileName === '') {
    const subject = part.children[0]?.fields.find(({ key }) => key === 'subject');
    return harmlessName(`${subject ? fieldText(subject).slice(0, 80) : 'message'}.eml`, 'message.eml');
  }
  return harmlessName(part.fileName, `part-${part.number}.${ENDINGS[part.type] ?? 'bin'}`);
}
