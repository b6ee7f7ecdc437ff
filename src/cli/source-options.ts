import type { Command } from 'commander';
import { moment, several, textFile } from './values.ts';

/** What people note about a source. */
export interface DetailOptions {
  contact?: string;
  site?: string;
  tag?: string[];
  removeTag?: string[];
  notes?: string;
  notesFile?: string;
}

export function withDetails(command: Command): Command {
  return command
    .option('--contact <text>', 'whom to call')
    .option('--site <text>', 'where it stands')
    .option('--tag <word>', 'word to find it by (repeat for more)', several)
    .option('--remove-tag <word>', 'take a tag away (repeat for more)', several)
    .option('--notes <text>', 'what people should know')
    .option('--notes-file <file>', 'the same, from a file');
}

/** @param before tags that it has: new ones are added to them */
export function detailsOf(options: DetailOptions, before: string[]) {
  const { contact, site, tag, removeTag, notes, notesFile } = options;
  const gone = new Set(removeTag?.map((one) => one.toLowerCase()));
  return {
    contact,
    site,
    tags:
      tag || removeTag
        ? [...before, ...(tag ?? [])].filter((one) => !gone.has(one.toLowerCase()))
        : undefined,
    notes: notesFile === undefined ? notes : textFile('--notes-file', notesFile).trimEnd(),
  };
}

/** Which sources are meant. */
export interface FilterOptions {
  search?: string;
  state?: string;
  owner?: string;
  tag?: string;
  site?: string;
  unused?: string;
  brownOut?: boolean;
  credential?: string;
  expires?: string;
  contained?: boolean;
}

export function withFilter(command: Command): Command {
  return command
    .option(
      '--search <text>',
      'part of name, description, owner, contact, site, tag, notes or sender address',
    )
    .option('--state <state>', 'requested, pending, sandboxed, active, suspended or retired')
    .option('--owner <address>', 'only those of one person')
    .option('--tag <word>', 'only those with this tag')
    .option('--site <text>', 'only those of one site')
    .option('--unused <time>', 'not used for so long: 90d, or since a date')
    .option('--brown-out', 'only those that are about to be retired')
    .option(
      '--credential <kind>',
      'with a credential that is a password, api-key, certificate, oauth or network',
    )
    .option('--expires <days>', 'with a credential that ends within so many days')
    .option('--contained', 'only those that do what they do not usually do');
}

export function filterOf(options: FilterOptions, now: number) {
  const { search, state, owner, tag, site, unused, brownOut, credential, expires, contained } = options;
  return {
    search,
    state,
    owner,
    tag,
    site,
    unusedSince: unused === undefined ? undefined : String(moment('--unused', unused, now)),
    brownOut: brownOut ? 'true' : undefined,
    credential,
    expiresWithinDays: expires,
    contained: contained ? 'true' : undefined,
  };
}
