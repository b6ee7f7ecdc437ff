import { isUtf8 } from 'node:buffer';

/**
 * xtext of RFC 3461 §4: how ENVID, ORCPT and AUTH= carry characters that an ESMTP parameter can not.
 * Octets outside of `!`..`~`, and `+` and `=`, are written as `+` and two upper-case hexadecimal digits.
 */
export function encodeXtext(text: string): string {
  let encoded = '';
  for (const octet of Buffer.from(text, 'utf8')) {
    encoded +=
      octet > 32 && octet < 127 && octet !== 0x2b && octet !== 0x3d
        ? String.fromCharCode(octet)
        : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/**
 * What an xtext says, or undefined if it is malformed: a `+` that quotes nothing, a raw `=` or white space,
 * invalid UTF-8, or a control character other than TAB. RFC 3461 §4.2 and §4.4 allow graphic characters and
 * white space only; an encoded NUL or CR LF would otherwise end up in the header of a notification.
 */
export function decodeXtext(encoded: string): string | undefined {
  if (/[^!-*,-<>-~]/.test(encoded.replaceAll(/\+[0-9A-F]{2}/g, ''))) return undefined;
  if (!encoded.includes('+')) return encoded;
  const octets = Buffer.from(
    encoded.replaceAll(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  if (!isUtf8(octets)) return undefined;
  const text = octets.toString('utf8');
  return /[\0-\b\n-\x1f\x7f-\x9f\u2028\u2029]/.test(text) ? undefined : text;
}
