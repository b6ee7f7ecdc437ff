import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ControlStore } from '../store/control.ts';
import type { Seal } from '../store/seal.ts';
import { AuditLog } from './audit-log.ts';
import { Identities } from './identities.ts';
import { OneTimeCodes } from './one-time-codes.ts';
import { OrganisationSignIn, type ProviderOptions } from './organisation-sign-in.ts';
import { Passkeys } from './passkeys.ts';
import { People } from './people.ts';
import { type SessionOptions, Sessions } from './sessions.ts';
import { SetupLinks } from './setup-links.ts';
import { PasswordSignIn, type SignInOptions } from './sign-in.ts';
import { Tokens } from './tokens.ts';

export interface PeopleOptions extends SessionOptions, Partial<SignInOptions> {
  /** Where people open the relay in a browser. */
  publicUrl?: URL;
  /** Who signs in with a password alone may only set up a second factor. */
  requireSecondFactor: boolean;
  providers: ProviderOptions[];
}

interface Ground {
  control: ControlStore;
  clock: Clock;
  random: Random;
  seal: Seal;
  events: EventSink;
}

/** All that is about people, put together. */
export interface PeopleRooms {
  people: People;
  sessions: Sessions;
  signIn: PasswordSignIn;
  codes: OneTimeCodes;
  passkeys: Passkeys;
  organisation: OrganisationSignIn;
  tokens: Tokens;
  identities: Identities;
  audit: AuditLog;
  /** The way in for who can read the data folder. */
  setupLinks: SetupLinks;
  publicUrl?: URL;
  requireSecondFactor: boolean;
}

/** Opens the audit log, and with it everything else. */
export async function openPeople(
  { control, clock, random, seal, events }: Ground,
  options: PeopleOptions,
): Promise<PeopleRooms> {
  const people = new People(control, clock, random);
  const sessions = new Sessions(control, clock, random, options);
  const codes = new OneTimeCodes(control, clock, random, seal);
  const tokens = new Tokens(control, clock, random);
  const audit = new AuditLog(control, clock, seal, events);
  await audit.open();
  return {
    people,
    sessions,
    codes,
    tokens,
    audit,
    setupLinks: new SetupLinks(clock, random),
    signIn: new PasswordSignIn(people, codes, clock, random, options),
    passkeys: new Passkeys(control, clock, options.publicUrl),
    organisation: new OrganisationSignIn(options.providers, people, options.publicUrl),
    identities: new Identities(people, sessions, tokens),
    publicUrl: options.publicUrl,
    requireSecondFactor: options.requireSecondFactor,
  };
}
