import type { Clock } from '../../platform/clock.ts';
import { type MessageParts, buildMessage } from '../../message/build.ts';
import type { Lab, LabKey, LabLanguage, Mailbox, StoredMessage } from '../lab.ts';
import type { Said } from '../said.ts';
import { converse, type Dialogue, type DialogueRooms, LAB_FIELD, type Visit } from './dialogue.ts';
import { signed } from './signed.ts';

/** How an actor comes in, in the words of the tenant's administrator. */
export type Way =
  /** Anonymously, with an own domain in the envelope. */
  | 'direct-send'
  /** By submission to the relay, which the tenant knows. */
  | 'relay'
  /** Identified by a partner connector. */
  | 'partner-connector'
  /** Anonymously, with a foreign domain in the envelope. */
  | 'internet';

/** Somebody who sends real mail in the lab. */
export interface Actor {
  name: string;
  class: 'legitimate' | 'attack';
  way: Way;
  /** One sentence. */
  what: Said;
  letter(scene: Scene): Letter | Promise<Letter>;
}

/** The people and names that an actor finds. */
export interface Scene {
  lab: Lab;
  language: LabLanguage;
  /** First accepted domain of the first tenant. */
  domain: string;
  /** Two people of the first tenant. */
  boss: Mailbox;
  colleague: Mailbox;
}

export interface Letter {
  visit: Omit<Visit, 'message'>;
  parts: MessageParts;
  /** The right side of the Message-ID: who wrote it. */
  writtenAt: string;
  /** DKIM signatures, the first one lowest. */
  keys?: readonly LabKey[];
  /** Received fields from hops before, without their name, newest first. */
  received?: readonly string[];
}

export interface Outcome {
  actor: string;
  class: Actor['class'];
  way: Way;
  /** The server that the actor itself talked to has taken the message. */
  accepted: boolean;
  /** What that server said in the end. */
  reply: string;
  transcript: Dialogue['transcript'];
  /** The address that the server saw, and the name given at EHLO. */
  client: { address: string; hello: string };
  envelope: { from: string; to: string[] };
  headerFrom: string;
  subject: string;
  messageId: string;
  /** As it was sent, signatures included. */
  message: string;
  octets: number;
  /** Where it lies in the end; empty when it came nowhere. */
  landed: readonly StoredMessage[];
  /** Header section of the first of them, as the front door has stamped it; empty when there is none. */
  landedHead: string;
}

/** The relay takes first and delivers then; so long its mail may take to the mailbox. */
const DELIVERY_MS = 20_000;

/** Lets the actor send one message, and waits until it has come to where it goes. */
export async function act(
  actor: Actor,
  lab: Lab,
  rooms: DialogueRooms,
  language: LabLanguage = lab.language,
): Promise<Outcome> {
  const scene = sceneOf(lab, language);
  const { visit, parts, writtenAt, keys = [], received = [] } = await actor.letter(scene);
  const written = buildMessage(
    { ...parts, headers: [...parts.headers, [LAB_FIELD, `actor=${actor.name}`]] },
    { at: rooms.clock.now(), hostname: writtenAt, random: rooms.random },
  );
  const signature = await signed(written, keys, rooms.clock.now());
  const hops = received.map((hop) => `Received: ${hop}\r\n`).join('');
  const message = Buffer.concat([Buffer.from(hops), signature]);
  const messageId = /^Message-ID: (\S+)/im.exec(written.toString('latin1'))?.[1] ?? '';
  const { transcript, accepted, reply } = await converse({ ...visit, message }, rooms);
  const patience = actor.way === 'relay' ? DELIVERY_MS : 0;
  const lying = accepted ? await landed(lab, messageId, patience, rooms.clock) : [];
  return {
    actor: actor.name,
    class: actor.class,
    way: actor.way,
    accepted,
    reply,
    transcript,
    client: { address: visit.address ?? visit.host, hello: visit.hello },
    envelope: { from: visit.from, to: [...visit.to] },
    headerFrom: parts.from.address,
    subject: parts.subject,
    messageId,
    message: message.toString('utf8'),
    octets: message.length,
    landed: lying,
    landedHead: lying[0] ? headOf((await lab.content(lying[0].id)).content) : '',
  };
}

function headOf(message: Buffer): string {
  const end = message.indexOf('\r\n\r\n');
  return message.toString('utf8', 0, end < 0 ? message.length : end);
}

function sceneOf(lab: Lab, language: LabLanguage): Scene {
  const [tenant] = lab.tenants();
  const domain = tenant?.domains[0]?.name;
  const [boss, colleague] = lab
    .mailboxes()
    .filter(({ kind, tenant: owner }) => kind === 'user' && owner === tenant?.name);
  if (!domain || !boss || !colleague) {
    throw new Error('the lab lacks a tenant with a domain and two people: reset it');
  }
  return { lab, language, domain, boss, colleague };
}

function landed(
  lab: Lab,
  messageId: string,
  patienceMs: number,
  clock: Clock,
): Promise<readonly StoredMessage[]> {
  const lying = () => lab.messages().filter((entry) => entry.messageId === messageId);
  const found = lying();
  if (found.length > 0 || patienceMs === 0) return Promise.resolve(found);
  return new Promise((resolve) => {
    const finish = (): void => {
      timer.cancel();
      end();
      resolve(lying());
    };
    const timer = clock.after(patienceMs, finish);
    const end = lab.onMessage(({ stored }) => {
      if (stored.some((entry) => entry.messageId === messageId)) finish();
    });
  });
}
