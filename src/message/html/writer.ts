import { ATTRIBUTES, VOID } from './allowed.ts';
import type { HtmlFindings } from './findings.ts';
import { type LinkTarget, linkTarget, namesAnother } from './link.ts';
import type { Attributes, HtmlSink } from './reader.ts';
import { safeDeclarations, safeSheet } from './style.ts';

const MOST_OUTPUT = 4 * 1024 * 1024;
const MOST_SHEETS = 300_000;
const MOST_LINKS = 500;
const MOST_LINK_TEXT = 300;
const DATA_IMAGE = /^data:image\/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/i;

// in the element itself and important: no style of the message wins over it
const LABEL =
  'display:inline!important;visibility:visible!important;font:12px/1.4 system-ui,sans-serif!important;letter-spacing:normal!important;text-transform:none!important;text-indent:0!important;white-space:normal!important;direction:ltr!important;unicode-bidi:isolate!important;padding:0 4px!important;margin:0 2px!important;border-radius:3px!important;height:auto!important;';
const PLAIN_LABEL = `${LABEL}color:#1f2937!important;background:#e5e7eb!important`;
const WARNING_LABEL = `${LABEL}color:#7f1d1d!important;background:#fee2e2!important;font-weight:700!important`;

/** Answers the picture that a message carries, by its Content-ID, as a `data:` address. */
export type ImageOf = (contentId: string) => string | undefined;

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
  #link: OpenLink | undefined;

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
    if (name === 'a') this.#openLink(attributes);
    const title = name === 'a' && this.#link ? ` title="${escaped(this.#link.target)}"` : '';
    this.#put(`<${name}${plainAttributes(attributes)}${title}>`);
  }

  close(name: string): void {
    if (VOID.has(name)) return;
    this.#put(`</${name}>`);
    if (name === 'a') this.#closeLink();
  }

  text(text: string): void {
    if (this.#link && this.#link.text.length < MOST_LINK_TEXT)
      this.#link.text += text.slice(0, MOST_LINK_TEXT);
    this.#put(escaped(text));
  }

  sheet(text: string): void {
    const { text: kept, remote } = safeSheet(text);
    if (remote) this.#findings.remoteStyles++;
    this.#sheetSize += kept.length;
    if (this.#sheetSize <= MOST_SHEETS) this.#sheets.push(kept);
    else this.#findings.cut = true;
  }

  #put(text: string): void {
    this.#size += text.length;
    this.#output.push(text);
  }

  #openLink(attributes: Attributes): void {
    const target = linkTarget(attributes.get('href') ?? '');
    this.#link = target && { ...target, text: '' };
  }

  #closeLink(): void {
    const link = this.#link;
    if (!link) return;
    this.#link = undefined;
    const text = link.text.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_LINK_TEXT);
    const flags = namesAnother(text, link) ? (['other-domain', ...link.flags] as const) : link.flags;
    if (flags.includes('script')) this.#findings.scripts++;
    const { links } = this.#findings;
    if (links.length < MOST_LINKS) links.push({ text, target: link.target, flags: [...flags] });
    else this.#findings.moreLinks = true;
    if (flags.length === 0 && (link.shown === '' || text.toLowerCase().includes(link.shown.toLowerCase())))
      return;
    const style = flags.length === 0 ? PLAIN_LABEL : WARNING_LABEL;
    const label = link.shown === '' ? link.target.slice(0, 80) : link.shown;
    this.#put(`<span style="${style}" title="${escaped(link.target)}">${escaped(label)}</span>`);
  }

  #image(attributes: Attributes): void {
    const source = (attributes.get('src') ?? '').trim();
    const alt = (attributes.get('alt') ?? '').slice(0, 500);
    const isNamed = /^cid:/i.test(source);
    const data = isNamed ? this.#imageOf(contentIdOf(source)) : source.replaceAll(/\s+/g, '');
    if (data !== undefined && DATA_IMAGE.test(data)) {
      this.#put(`<img src="${data}"${plainAttributes(attributes)}>`);
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

function contentIdOf(source: string): string {
  const id = source.slice(4);
  try {
    // RFC 2392 §2
    return decodeURIComponent(id);
  } catch {
    // not encoded after all
    return id;
  }
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
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"'`\0]/g, (character) => ESCAPES[character] ?? '');
}
