/**
 * Data that Exchange Online packs into one field: the events of message trace details (a list of MEP elements) and
 * `custom_data` of historical searches.
 */

/** As small as they are: a value has 64 kB, a list 200 of them. */
const LONGEST = 262_144;
const MOST = 200;

/** Name to value; of repeated names the first. Forgiving: what is no MEP element is passed over. */
export function readMep(xml: string): Map<string, string> {
  const values = new Map<string, string>();
  if (xml.length > LONGEST) return values;
  let count = 0;
  for (const [, attributes = ''] of xml.matchAll(/<MEP\s((?:[^"'<>]|"[^"]*"|'[^']*')*)\/?>/g)) {
    if (++count > MOST) break;
    let name: string | undefined;
    let value: string | undefined;
    for (const [, key = '', double, single] of attributes.matchAll(
      /([A-Za-z]{1,64})\s{0,64}=\s*(?:"([^"]*)"|'([^']*)')/g,
    )) {
      const text = decodeXml(double ?? single ?? '');
      if (key === 'Name') name = text;
      // String, Integer, Long, Blob, Double, Bool, DateTime
      else value ??= text;
    }
    if (name !== undefined && !values.has(name)) values.set(name, value ?? '');
  }
  return values;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi,
    (whole, hex, decimal, name) => {
      if (typeof name === 'string') return ENTITIES[name.toLowerCase()] ?? whole;
      const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
      return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/**
 * The pairs of `S:Name=value;S:Other=value`. A piece in single quotes may have semicolons in it, names repeat, and a
 * value may itself be a list (`SFA=SUM|SFV=SPM|...`), which is taken apart under the names inside.
 */
export function readCustomData(text: string): Map<string, string> {
  const values = new Map<string, string>();
  if (text === '' || text.length > LONGEST) return values;
  const put = (piece: string): void => {
    const pair = piece.startsWith('S:') ? piece.slice(2) : piece;
    const equals = pair.indexOf('=');
    if (equals <= 0 || values.size >= MOST) return;
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1);
    if (!values.has(name)) values.set(name, value);
    if (!value.includes('|')) return;
    for (const inner of value.split('|')) {
      const at = inner.indexOf('=');
      if (at > 0 && !values.has(inner.slice(0, at)) && values.size < MOST) {
        values.set(inner.slice(0, at), inner.slice(at + 1));
      }
    }
  };
  let start = 0;
  while (start < text.length) {
    if (text[start] === "'") {
      const close = closingQuote(text, start + 1);
      put(text.slice(start + 1, close));
      start = close + 1;
      if (text[start] === ';') start++;
      continue;
    }
    const semicolon = text.indexOf(';', start);
    const end = semicolon === -1 ? text.length : semicolon;
    put(text.slice(start, end).trim());
    start = end + 1;
  }
  return values;
}

/** The quote that ends the piece stands before a semicolon or at the end: names of connectors have apostrophes. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf("'", from); at !== -1; at = text.indexOf("'", at + 1)) {
    if (at + 1 === text.length || text[at + 1] === ';') return at;
  }
  return text.length;
}

/** `Name=Partner connector;ConnectorType=Partner;TenantId=...`; undefined without a name. */
export function readConnectorData(text: string): { name: string; type?: string } | undefined {
  const name = /(?:^|;)\s*Name=([^;]*)/.exec(text)?.[1]?.trim();
  if (!name) return undefined;
  const type = /(?:^|;)\s*ConnectorType=([^;]*)/.exec(text)?.[1]?.trim();
  return type ? { name, type } : { name };
}

/** `SP_PROT_TLS1_2_SERVER`, `TLS1_2`, `TLSv1.2`, `No Tls` as `TLS1.2` or `none`. */
export function readTls(text: string): string | undefined {
  const version = /(?:TLS|SSL)[\s_v]*(\d)(?:[._](\d))?/i.exec(text);
  if (version) return `TLS${version[1]}.${version[2] ?? '0'}`;
  return /^\s*(?:no\b|none|without|aucun|kein)/i.test(text) ? 'none' : undefined;
}

/** The refusal inside of `Reason: [{LED=550 ...};{MSG=};{FQDN=};{IP=};{LRT=}]`. */
export function readReason(text: string): string | undefined {
  const reply = /\{LED=([^}]{1,1000})\}/.exec(text)?.[1]?.trim();
  return reply === '' ? undefined : reply;
}
