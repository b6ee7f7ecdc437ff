/**
 * Passwords that a device can hold: some panels have eight places, some only digits. Each preset states how hard its
 * passwords are to guess.
 */
import { type Random, systemRandom } from '../platform/random.ts';

/** Alphabets by name. Only ASCII: what else a panel shows is often not what it sends. */
export const ALPHABETS = {
  /** No characters that look alike in a usual typeface, no shift key. */
  readable: 'abcdefghjkmnpqrstuvwxyz23456789',
  /** Both cases, still none that look alike. */
  mixed: 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789',
  letters: 'abcdefghijklmnopqrstuvwxyz',
  alphanumeric: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  digits: '0123456789',
  hexadecimal: '0123456789abcdef',
  /** With symbols that need no quoting in configuration files. */
  symbols: 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_.+=@%',
} as const;

export type AlphabetName = keyof typeof ALPHABETS;

export interface PasswordForm {
  /** Characters. */
  length: number;
  alphabet: AlphabetName;
}

export interface PasswordPreset extends PasswordForm {
  /** The longest account name that such devices hold; absent: no bound. */
  accountLength?: number;
  description: string;
}

export const PRESETS = {
  default: {
    length: 20,
    alphabet: 'readable',
    description:
      'Lower case and digits that can not be mistaken for each other: for everything that can hold it.',
  },
  strong: {
    length: 40,
    alphabet: 'alphanumeric',
    description: 'For applications, where nobody types it.',
  },
  printer: {
    length: 14,
    alphabet: 'readable',
    accountLength: 20,
    description: 'Can be typed on a panel without shift key, and is short enough for fields of 15 places.',
  },
  'mixed-12': {
    length: 12,
    alphabet: 'mixed',
    accountLength: 16,
    description: 'Twelve places, both cases, no symbols.',
  },
  symbols: {
    length: 20,
    alphabet: 'symbols',
    description: 'For software that wants symbols in a password.',
  },
  'legacy-8': {
    length: 8,
    alphabet: 'mixed',
    accountLength: 8,
    description: 'Eight places for the name and eight for the password: only together with a network.',
  },
  digits: {
    length: 12,
    alphabet: 'digits',
    accountLength: 8,
    description: 'Panels with a number pad: only together with a network.',
  },
} as const satisfies Record<string, PasswordPreset>;

export type PresetName = keyof typeof PRESETS;

/** Below it a password is for a bound network only: 2^64 guesses are out of reach, even for a stolen hash. */
export const LEAST_BITS = 64;
/** Below it no password is made at all. */
const LEAST_BITS_ANYWHERE = 26;

/** Bits of a generated password: every character is drawn alike. */
export function entropyBits({ length, alphabet }: PasswordForm): number {
  return length * Math.log2(ALPHABETS[alphabet].length);
}

/** Why such a password may not be made, in words for an administrator; undefined when it may. */
export function formProblem(form: PasswordForm, boundToNetwork: boolean): string | undefined {
  const bits = entropyBits(form);
  const what = `a password of ${form.length} characters (${form.alphabet}) has ${Math.floor(bits)} bits`;
  if (bits < LEAST_BITS_ANYWHERE)
    return `${what}, which is too little anywhere: at least ${LEAST_BITS_ANYWHERE}`;
  if (bits >= LEAST_BITS || boundToNetwork) return undefined;
  return `${what}, and without a network at least ${LEAST_BITS} are needed: name the networks that it may be used from, or take a longer one`;
}

/** A new password of this form. */
export function passwordOf({ length, alphabet }: PasswordForm, random: Random = systemRandom): string {
  return drawn(ALPHABETS[alphabet], length, random);
}

function drawn(characters: string, length: number, random: Random): string {
  // a plain remainder would favour the first letters
  const fair = 256 - (256 % characters.length);
  let text = '';
  while (text.length < length) {
    for (const octet of random.bytes(length)) {
      if (octet < fair && text.length < length) text += characters[octet % characters.length];
    }
  }
  return text;
}

/**
 * An account name that fits into `longest` places: the name of the source as far as it fits, with other last
 * characters where that is taken.
 */
export function shortAccount(
  source: string,
  longest: number,
  isTaken: (account: string) => boolean,
  random: Random = systemRandom,
): string {
  if (source.length <= longest && !isTaken(source)) return source;
  const plain = source.replaceAll(/[^a-z0-9]/g, '');
  const short = plain.slice(0, longest);
  if (short !== '' && !isTaken(short)) return short;
  const tail = Math.min(4, longest - 1);
  for (;;) {
    const account = plain.slice(0, longest - tail) + drawn(ALPHABETS.readable, tail, random);
    if (!isTaken(account)) return account;
  }
}
