import { parseAddressList, type Mailbox } from './address-list.ts';
import type { HeaderIndex } from './headers.ts';

export type FromReading =
  | {
      ok: true;
      mailbox: Mailbox;
      /** An address other than the real one that the display name shows to its reader. */
      displayAddress: string | undefined;
    }
  | { ok: false; code: 'S403' | 'S404' | 'S405'; reason: string };

/**
 * The one author of a message, or why there is not exactly one beyond doubt. DMARC judges a single From field
 * with a single address (RFC 9989), so nothing else is accepted. `undefined` when there is no From field.
 */
export function readFrom(index: HeaderIndex): FromReading | undefined {
  const fields = index.all('from');
  const field = fields[0];
  if (field === undefined) return undefined;
  if (fields.length > 1) return { ok: false, code: 'S403', reason: `${fields.length} From fields` };
  return readAuthor(index.value(field));
}

/** The value of a From field. */
export function readAuthor(value: string): FromReading {
  const { mailboxes, groups, doubts } = parseAddressList(value);
  const mailbox = mailboxes[0];
  const only = doubts[0];
  const noAddress =
    mailbox === undefined && doubts.every((kind) => kind === 'no-address' || kind === 'no-domain');
  if (noAddress) return { ok: false, code: 'S404', reason: only ?? (groups > 0 ? 'group' : 'empty') };
  if (only !== undefined) return { ok: false, code: 'S405', reason: doubts.join(', ') };
  if (groups > 0) return { ok: false, code: 'S404', reason: 'group' };
  if (mailboxes.length !== 1) return { ok: false, code: 'S404', reason: `${mailboxes.length} addresses` };
  return { ok: true, mailbox: mailbox!, displayAddress: shownAddress(mailbox!) };
}

// the ASCII at sign, and the two that look like it
const SHOWN_ADDRESS = /[^\s<>()",;:@\uff20\ufe6b]{1,64}[@\uff20\ufe6b][^\s<>()",;:@\uff20\ufe6b]{1,253}/;

function shownAddress({ displayName, address }: Mailbox): string | undefined {
  if (!/[@\uff20\ufe6b]/.test(displayName)) return undefined;
  const shown = SHOWN_ADDRESS.exec(displayName.slice(0, 1000))?.[0];
  return shown === undefined || shown.toLowerCase() === address.toLowerCase() ? undefined : shown;
}
