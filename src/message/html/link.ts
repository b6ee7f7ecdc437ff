import { parse } from 'tldts';

/** What makes a link look like what it is not. */
export type LinkFlag =
  /** The text names another organisation's domain than the one that it leads to. */
  | 'other-domain'
  /** `https://bank.example@evil.example/`: what stands before the @ is no host. */
  | 'user-name'
  /** An address of a host instead of its name. */
  | 'address'
  /** Letters beyond ASCII in the host, which may be taken for others. */
  | 'international'
  /** It would have run script, or opened what it carries within itself. */
  | 'script'
  /** Neither a web page, nor a mail address, nor a telephone number. */
  | 'scheme';

export interface LinkTarget {
  /** The whole of it, as a browser would follow it; the words of the message where no browser would. */
  target: string;
  /** What is shown beside the text: a host, or an address. */
  shown: string;
  flags: LinkFlag[];
}

const MOST_TARGET = 2000;
const SAFE = new Set(['http:', 'https:', 'mailto:', 'tel:', 'sms:', 'ftp:', 'cid:']);
const SCRIPT = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'livescript:', 'mhtml:']);
/** Top-level domains that are endings of files as well: without a scheme before them they are taken for those. */
const FILE = /^[^/]*\.(?:zip|mov|md|py|sh|rs|pl|ps|ai|app|cab|gdn|bz)$/i;
const HOST =
  /^(?:(?:https?|ftp):\/\/)?([\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,10})(?::\d{1,5})?(?:[/?#].*)?$/iu;
const ADDRESS = /^[^\s@]{1,64}@([\p{L}\p{N}.-]{1,255})$/u;

/** Marks without a width or with a direction: what hides them reads as if they were not there. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Where a link leads, as a browser would read it (WHATWG URL); undefined for one within the message, and for none. */
export function linkTarget(href: string): LinkTarget | undefined {
  // what a browser takes out before it reads (WHATWG URL §4.4) does not fill the room of what it reads
  const given = href
    .replaceAll(/^[\0-\x20]+|[\t\n\r]+/g, '')
    .slice(0, MOST_TARGET)
    .trim();
  if (given === '' || given.startsWith('#')) return undefined;
  // where mail is read in a browser, `//host` is a host
  const url = URL.parse(given, /^[/\\]{2}/.test(given) ? 'https://mail.invalid/' : undefined);
  // relative to nothing: a browser would follow it nowhere
  if (!url) return { target: given.replaceAll(UNSAFE, '\ufffd'), shown: '', flags: ['scheme'] };
  const { protocol, hostname, username, password, href: target } = url;
  const flags: LinkFlag[] = [];
  if (SCRIPT.has(protocol)) flags.push('script');
  else if (!SAFE.has(protocol)) flags.push('scheme');
  if (username !== '' || password !== '') flags.push('user-name');
  if (hostname.split('.').some((label) => label.startsWith('xn--'))) flags.push('international');
  if (parse(hostname).isIp) flags.push('address');
  const shown = hostname === '' ? protocol + url.pathname.slice(0, 100) : hostname;
  return { target: target.slice(0, MOST_TARGET), shown, flags };
}

/** Text of a link as it is seen. */
export function seenText(text: string): string {
  return text.replaceAll(UNSEEN, '');
}

/** Whether a link's text is an address of another organisation than the one it leads to, or holds one that says so. */
export function namesAnother(text: string, { target }: LinkTarget): boolean {
  const words = wordsOf(text);
  const url = URL.parse(target);
  const real = url?.protocol === 'mailto:' ? ADDRESS.exec(url.pathname)?.[1] : url?.hostname;
  return words.some((word) => {
    // among other words `node.js` is more often a name than an address
    if (words.length > 1 && !/^(?:https?:\/\/|www\.)/i.test(word)) return false;
    const host = FILE.test(word) ? undefined : (hostOf(word) ?? ADDRESS.exec(word)?.[1]);
    const named = host === undefined ? null : registered(host);
    return named !== null && (real === undefined || registered(real) !== named);
  });
}

/** Whether a link's text says to which host it leads, and names no other. */
export function namesItself(text: string, { shown }: LinkTarget): boolean {
  const hosts = wordsOf(text).flatMap((word) => hostOf(word)?.toLowerCase() ?? []);
  return hosts.length > 0 && hosts.every((host) => host === shown);
}

/** Letters that look alike for being wide or joined are the same to whoever resolves a name (UTS #46 §4). */
function wordsOf(text: string): string[] {
  return seenText(text)
    .normalize('NFKC')
    .split(/[\s<>()[\]{}"'\u00ab\u00bb\u2018-\u201e,;|]+/)
    .map((word) => word.replace(/[.!?:\u2026]{1,10}$/, ''))
    .filter((word) => word !== '' && word.length <= 500);
}

const hostOf = (word: string): string | undefined => HOST.exec(word)?.[1];

function registered(host: string): string | null {
  const ascii = URL.parse(`http://${host}`)?.hostname;
  if (ascii === undefined) return null;
  // who has a name at a host of pages for all is not whoever else has one
  const { isIcann, isPrivate, domain } = parse(ascii, { allowPrivateDomains: true });
  // `report.pdf` is a file
  return isIcann || isPrivate ? domain : null;
}
