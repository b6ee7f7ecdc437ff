/**
 * A whole number as some locale writes it: `48211`, `48,211`, `48.211`, `48 211` (with any kind of space), `48'211`, and with a
 * unit of octets (`47 KB`, `1,2 Mo`). Undefined for anything else.
 */
export function readWhole(text: string): number | undefined {
  if (text.length > 40) return undefined;
  const match = /^\s*(\d[\d.,'\u2019\s\u00a0\u202f]*?)\s*(?:([kmg])?i?(?:b|o|bytes|octets)?)\s*$/i.exec(text);
  if (!match) return undefined;
  const unit = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[match[2]?.toLowerCase() ?? ''] ?? 1;
  const digits = match[1]!.replace(/['\u2019\s\u00a0\u202f]/g, '');
  const grouped = /^\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*$/.test(digits);
  if (grouped && unit === 1) return Number(digits.replace(/[.,]/g, ''));
  const fraction = /^(\d+)(?:[.,](\d+))?$/.exec(digits);
  if (!fraction) return undefined;
  const value = Number(`${fraction[1]}.${fraction[2] ?? '0'}`) * unit;
  return Number.isSafeInteger(Math.round(value)) ? Math.round(value) : undefined;
}
