import { contentIdOf } from '../mime/content-id.ts';
import { type Picture, pictureIn } from '../mime/picture.ts';
import { ATTRIBUTES, VOID } from './allowed.ts';
import type { HtmlFindings } from './findings.ts';
import { type LinkTarget, linkTarget, namesAnother, namesItself, seenText } from './link.ts';
import type { Attributes, HtmlSink } from './reader.ts';
import { safeDeclarations, safeSheet } from './style.ts';

const MOST_OUTPUT = 4 * 1024 * 1024;
const MOST_SHEETS = 300_000;
/** Characters without white space between them. */
const MOST_WORD = 1000;
/** A word, or a part of one that is too long, with the white space behind it. */
const WORDS = /\S{1,1000}\s*|\s+/gu;
const MOST_LINKS = 500;
const MOST_LINK_TEXT = 300;
/** Characters of a link's text that are looked at. */
const MOST_READ = 2000;
/** Pixels of all pictures together. */
const MOST_PIXELS = 48_000_000;
const DATA_IMAGE = /^data:image\/(?:png|jpe?g|gif|webp);base64,([A-Za-z0-9+/]+={0,2})$/i;

// in the element itself and important: no style of the message wins over it
const LABEL =
  'all:initial!important;display:inline!important;font:12px/1.4 system-ui,sans-serif!important;direction:ltr!important;unicode-bidi:isolate!important;padding:0 4px!important;margin:0 2px!important;border-radius:3px!important;';
const PLAIN_LABEL = `${LABEL}color:#1f2937!important;background:#e5e7eb!important`;
const WARNING_LABEL = `${LABEL}color:#7f1d1d!important;background:#fee2e2!important;font-weight:700!important`;

/** Answers the picture that a message carries, by its Content-ID. */
export type ImageOf = (contentId: string) => Picture | undefined;

interface OpenLink extends LinkTarget {
  text: string;
}

/**
 * Writes HTML that does nothing: elements and attributes of the list, each value quoted and escaped, no address that
 * a browser could fetch or follow. No element is written whose content is read as anything but markup, so that no two
 * readers can disagree about where a tag begins.
 */
export class HtmlWriter implements HtmlSink {
  readonly #findings: HtmlFindings;
  readonly #imageOf: ImageOf;
  readonly #output: string[] = [];
  readonly #sheets: string[] = [];
  #size = 0;
  #sheetSize = 0;
  /** Those that are open, the innermost last; a table may lie in one and have others in it. */
  readonly #links: (OpenLink | undefined)[] = [];
  readonly #pictures = new Set<string>();
  #pixels = 0;
  /** Characters since there was white space. */
  #word = 0;

  constructor(findings: HtmlFindings, imageOf: ImageOf = () => undefined) {
    this.#findings = findings;
    this.#imageOf = imageOf;
  }

  get isFull(): boolean {
    return this.#size > MOST_OUTPUT;
  }

  /** What belongs into the body of a document. */
  get body(): string {
    return this.#output.join('');
  }

  /** What belongs into a style element. */
  get styles(): string {
    return this.#sheets.join('\n');
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'img') {
      this.#image(attributes);
      return;
    }
    if (name === 'area') {
      this.#openLink(attributes);
      this.#closeLink(attributes.get('alt'));
      return;
    }
    const target = name === 'a' ? this.#openLink(attributes)?.target : undefined;
    const title = target === undefined ? '' : ` title="${escaped(target)}"`;
    this.#put(`<${name}${plainAttributes(attributes)}${title}>`);
  }

  close(name: string): void {
    if (VOID.has(name)) return;
    this.#put(`</${name}>`);
    if (name === 'a') this.#closeLink();
  }

  text(text: string): void {
    if (this.#links.length > 0) this.#readLinkText(text);
    this.#writeText(text);
  }

  sheet(text: string): void {
    const { text: kept, remote } = safeSheet(text);
    if (remote) this.#findings.remoteStyles++;
    this.#sheetSize += kept.length;
    if (this.#sheetSize <= MOST_SHEETS) this.#sheets.push(kept);
    else this.#findings.cut = true;
  }

  /** A word without an end is broken: to set one of a hundred thousand letters takes a browser minutes. */
  #writeText(text: string): void {
    for (const piece of text.length < MOST_WORD ? [text] : (text.match(WORDS) ?? [])) {
      const tail = lastWord(piece);
      this.#word = tail === piece.length ? this.#word + tail : tail;
      this.#put(escaped(piece));
      if (this.#word < MOST_WORD) continue;
      this.#put('<br>');
      this.#word = 0;
    }
  }

  #put(text: string): void {
    this.#size += text.length;
    this.#output.push(text);
  }

  #openLink(attributes: Attributes): LinkTarget | undefined {
    const target = linkTarget(attributes.get('href') ?? '');
    this.#links.push(target && { ...target, text: '' });
    return target;
  }

  /** White space and what is not seen take no room before what is. */
  #readLinkText(text: string): void {
    const seen = seenText(text).replaceAll(/\s+/g, ' ').slice(0, MOST_READ);
    for (const link of this.#links) {
      if (!link || link.text.length >= MOST_READ) continue;
      link.text += link.text === '' || link.text.endsWith(' ') ? seen.trimStart() : seen;
    }
  }

  #closeLink(instead = ''): void {
    const link = this.#links.pop();
    if (!link) return;
    const whole = link.text === '' ? seenText(instead) : link.text;
    const text = whole.slice(0, MOST_LINK_TEXT).trim();
    const flags = namesAnother(whole, link) ? (['other-domain', ...link.flags] as const) : link.flags;
    if (flags.includes('script')) this.#findings.scripts++;
    const { links } = this.#findings;
    if (links.length < MOST_LINKS) links.push({ text, target: link.target, flags: [...flags] });
    else this.#findings.moreLinks = true;
    if (flags.length === 0 && (link.shown === '' || namesItself(whole, link))) return;
    const style = flags.length === 0 ? PLAIN_LABEL : WARNING_LABEL;
    const label = link.shown === '' ? link.target.slice(0, 80) : link.shown;
    this.#put(`<span style="${style}" title="${escaped(link.target)}">${escaped(label)}</span>`);
  }

  /** A picture that stands there again takes no more room. */
  #hasRoomFor({ address, pixels }: Picture): boolean {
    if (this.#pictures.has(address)) return true;
    if (this.#pixels + pixels > MOST_PIXELS) return false;
    this.#pixels += pixels;
    this.#pictures.add(address);
    return true;
  }

  #image(attributes: Attributes): void {
    const source = (attributes.get('src') ?? '').trim();
    const alt = (attributes.get('alt') ?? '').slice(0, 500);
    const isNamed = /^cid:/i.test(source);
    const picture = isNamed ? this.#imageOf(contentIdOf(source.slice(4))) : pictureWithin(source);
    if (picture && this.#hasRoomFor(picture)) {
      this.#put(`<img src="${picture.address}"${plainAttributes(attributes)}>`);
      return;
    }
    if (isNamed || /^data:/i.test(source)) this.#findings.missingImages++;
    else if (source !== '' || attributes.has('srcset')) {
      this.#findings.remoteImages++;
      if (isTrackingPixel(attributes)) {
        this.#findings.trackingPixels++;
        return;
      }
    } else return;
    const { width, height } = {
      width: pixels(attributes.get('width')),
      height: pixels(attributes.get('height')),
    };
    const size = `${width ? `width:${width}px;max-width:100%;` : ''}${height ? `min-height:${Math.min(height, 400)}px;` : ''}`;
    this.#put(
      `<span style="display:inline-block;box-sizing:border-box;border:1px dashed #9ca3af;color:#4b5563;background:#f3f4f6;font:12px/1.4 system-ui,sans-serif;padding:2px 6px;${size}">${escaped(alt)}</span>`,
    );
  }
}

/** A picture in an address (RFC 2397). */
function pictureWithin(source: string): Picture | undefined {
  const base64 = DATA_IMAGE.exec(source.replaceAll(/\s+/g, ''))?.[1];
  return base64 === undefined ? undefined : pictureIn(Buffer.from(base64, 'base64'));
}

/** Attributes of looks alone. */
function plainAttributes(attributes: Attributes): string {
  let text = '';
  for (const [name, value] of attributes) {
    if (name === 'style') {
      const { text: style } = safeDeclarations(value);
      if (style !== '') text += ` style="${escaped(style)}"`;
    } else if (ATTRIBUTES.get(name)?.test(value)) text += ` ${name}="${escaped(value)}"`;
  }
  return text;
}

/** Characters at the end without white space. */
function lastWord(text: string): number {
  let start = text.length;
  while (start > 0 && !/\s/.test(text[start - 1]!)) start--;
  return text.length - start;
}

function isTrackingPixel(attributes: Attributes): boolean {
  const style = (attributes.get('style') ?? '').slice(0, 2000);
  const small = (name: string): boolean => {
    const size = pixels(attributes.get(name));
    return (
      (size !== undefined && size <= 2) ||
      new RegExp(`(?:^|[;\\s])(?:max-)?${name}\\s*:\\s*[012](?:px)?\\s*(?:[;!]|$)`, 'i').test(style)
    );
  };
  return small('width') || small('height') || /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style);
}

function pixels(text: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,4})(?:px)?\s*$/i.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
  '\0': '\ufffd',
};

/** For text and for values in quotes. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"'`\0]/g, (character) => ESCAPES[character] ?? '');
}
