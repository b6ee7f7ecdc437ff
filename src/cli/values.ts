import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Failure, usage } from './failure.ts';
import { fileTrouble } from './file-trouble.ts';

/** Reads option values as people write them. Each throws a usage Failure that says how to write it. */

/** commander's collector of options that may be given several times. */
export function several(value: string, before: string[] = []): string[] {
  return [...before, value];
}

export function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw usage(`${option}: expected a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
}

const UNITS: Record<string, number> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
};

/** `25MB`, `512k`, `1048576`, `10MiB`. */
export function size(option: string, text: string): number {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)\s*([kmg]?i?)b?$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) {
    throw usage(`${option}: expected a size such as 25MB or 1048576, not ${JSON.stringify(text)}`);
  }
  return Math.round(Number(digits) * factor);
}

/** `PATTERN`, or `envelope=PATTERN,header=PATTERN`. */
export function pair(text: string): { envelope: string; header: string } {
  if (!text.includes('=')) return { envelope: text, header: text };
  const parts = new Map(
    text
      .split(',')
      .map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1).trim()]),
  );
  const envelope = parts.get('envelope');
  const header = parts.get('header');
  if (!envelope || !header || parts.size !== 2) {
    throw usage(
      `--from: expected a pattern, or envelope=PATTERN,header=PATTERN, not ${JSON.stringify(text)}`,
    );
  }
  return { envelope, header };
}

/** `messages/hour=500`, `bytes/day=2GB`, `messages/minute=none`. */
export function limit(text: string): { unit: string; per: string; most?: number } {
  const [, unit = '', per = '', value = ''] = /^(messages|bytes)\/(minute|hour|day)=(.+)$/.exec(text) ?? [];
  if (unit === '') {
    throw usage(
      `--limit: expected for example messages/hour=500, bytes/day=2GB or messages/minute=none, not ${JSON.stringify(text)}`,
    );
  }
  if (value === 'none') return { unit, per };
  return { unit, per, most: unit === 'bytes' ? size('--limit', value) : wholeNumber('--limit', value) };
}

/** `30m`, `2h`, `7d` ago; a date; or RFC 3339. Answers milliseconds since the epoch. */
export function moment(option: string, text: string, now: number): number {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const lengths: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  if (amount !== undefined) return now - Number(amount) * (lengths[unit] ?? 0);
  const at = date(text);
  if (at === undefined)
    throw usage(
      `${option}: expected 30m, 2h, 7d or a date such as 2026-01-31T12:00, not ${JSON.stringify(text)}`,
    );
  return at;
}

/** Milliseconds since the epoch; undefined for what is no date, 31 June among it, which Date.parse takes for 1 July. */
export function date(text: string): number | undefined {
  const [, day] = /^(\d{4}-\d{2}-\d{2})/.exec(text) ?? [];
  const at = Date.parse(text);
  if (day === undefined || !Number.isFinite(at)) return undefined;
  return new Date(Date.parse(day)).toISOString().startsWith(day) ? at : undefined;
}

/** `host:port`, `[address]:port`, or a host alone. */
export function hostAndPort(option: string, text: string, port: number): { host: string; port: number } {
  const [, six, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = six ?? name;
  if (host === undefined) throw usage(`${option}: expected host:port, not ${JSON.stringify(text)}`);
  return { host, port: digits === undefined ? port : Number(digits) };
}

/** @param file `-` for standard input */
export function textFile(option: string, file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw usage(`${option}: ${file} can not be read (${fileTrouble(error)})`);
  }
}

/** The first line of a file: editors end it with a line end that is no part of the password. */
export function passwordFile(option: string, file: string): string {
  const [password = ''] = textFile(option, file).split(/\r?\n/, 1);
  if (password === '') throw usage(`${option}: the first line of ${file} is empty`);
  return password;
}

/** Asks for a password without showing it. */
export async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) throw usage('there is no terminal to ask for a password at; use --password-file');
  process.stderr.write('Password: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** What can not be undone is asked first; where nobody can be asked, `--yes` must be there. */
export async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw usage(`${question} Say --yes.`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new Failure('nothing was changed');
  } finally {
    lines.close();
  }
}
