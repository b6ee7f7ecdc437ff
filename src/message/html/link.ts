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

/** Where a link leads, as a browser would read it (WHATWG URL); undefined for one within the message, and for none. */
export function linkTarget(href: string): LinkTarget | undefined {
  const given = href.slice(0, MOST_TARGET).trim();
  if (given === '' || given.startsWith('#')) return undefined;
  const url = URL.parse(given);
  // relative to nothing: a browser would follow it nowhere
  if (!url) return { target: given, shown: '', flags: ['scheme'] };
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

/** Whether a link's text is itself an address of another organisation than the one it leads to. */
export function namesAnother(text: string, { target }: LinkTarget): boolean {
  const words = text.trim();
  if (words.length > 500 || FILE.test(words)) return false;
  const host = HOST.exec(words)?.[1] ?? ADDRESS.exec(words)?.[1];
  const named = host === undefined ? null : registered(host);
  if (named === null) return false;
  const url = URL.parse(target);
  const real = url?.protocol === 'mailto:' ? ADDRESS.exec(url.pathname)?.[1] : url?.hostname;
  return real === undefined || registered(real) !== named;
}

function registered(host: string): string | null {
  const ascii = URL.parse(`http://${host}`)?.hostname;
  if (ascii === undefined) return null;
  const { isIcann, domain } = parse(ascii);
  // `report.pdf` is a file
  return isIcann ? domain : null;
}
