/**
 * Whole months of an organisation's mail, put through the front door of the lab, so that what is Direct Send is what the front
 * door decided. Names, words and habits were written without a look at the rules that judge them.
 */
import { createHash } from 'node:crypto';
import type { Organisation } from '../../../src/audit/classify/decision.ts';
import type { Arrival } from '../../../src/lab/arrival.ts';
import { FRONT_END_HOST } from '../../../src/lab/service.ts';
import { addAttacks } from './attacks.ts';
import { Company } from './company.ts';
import { addDetours } from './detours.ts';
import { MonthDoor, type Received } from './front-door.ts';
import { addMachines } from './machines.ts';
import type { InsideMail, Truth } from './sending.ts';
import { addServices } from './services.ts';

/** A message of the month with what is true of it. */
export interface MonthMail extends Received {
  truth: Truth & { directSend: boolean };
  way: InsideMail['way'] | 'front-door';
  /** Signature that passed. */
  dkimDomain?: string;
}

export interface Month {
  organisation: Organisation;
  /** In the order of time. */
  mail: MonthMail[];
  campaigns: readonly string[];
  begin: number;
  days: number;
  /** DNS, by `TXT name`, `A name`, `PTR address`. */
  records: ReadonlyMap<string, readonly string[]>;
}

export interface MonthOptions {
  seed: number;
  days?: number;
  users?: number;
}

/** The same month for the same seed, but for keys. */
export async function makeMonth({ seed, days = 30, users = 140 }: MonthOptions): Promise<Month> {
  const company = new Company(seed, days, users);
  addMachines(company);
  addServices(company);
  addDetours(company);
  addAttacks(company);
  const door = await MonthDoor.open(company);
  const mail: MonthMail[] = [];
  for (const sending of company.sendings.sort((a, b) => a.at - b.at)) {
    const received = await door.take(sending);
    const dkimDomain = /header\.d=(?!none)([\w.-]+)/.exec(
      received.content?.toString('latin1', 0, 4000) ?? '',
    )?.[1];
    mail.push({
      ...received,
      truth: { ...sending.truth, directSend: received.directSend },
      way: 'front-door',
      ...(received.arrival.verdict?.dkim === 'pass' && dkimDomain !== undefined && { dkimDomain }),
    });
  }
  const tenant = company.tenant();
  for (const one of company.inside) mail.push(insideMail(one, tenant.id));
  mail.sort((a, b) => a.arrival.at - b.arrival.at);
  return {
    // whoever audits knows the domains, and no more
    organisation: { tenant: { ...tenant, connectors: [] }, connectorsKnown: false },
    mail,
    campaigns: company.campaigns,
    begin: company.begin,
    days,
    records: company.zone(),
  };
}

/** What the trace has of mail that came over no front door: no client. */
function insideMail(
  { at, truth, way, from, to, author, subject, messageId }: InsideMail,
  tenant: string,
): MonthMail {
  const digest = createHash('md5').update(messageId).digest('hex');
  const arrival: Arrival = {
    networkMessageId: digest.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    internalId: 1,
    messageId,
    at,
    clientAddress: '',
    hello: '',
    returnPath: way === 'notice' ? '' : from,
    sender: author,
    subject,
    size: 20_000,
    tenant,
    directionality: way === 'internal-relay' ? 'Incoming' : 'Originating',
    directSend: false,
    accepted: true,
    reply: `250 2.6.0 ${FRONT_END_HOST}`,
    recipients: [{ address: to, ...(way !== 'outgoing' && { id: '1', folder: 'Inbox' as const }) }],
  };
  const known = { 'internal-relay': 'internal-relay', notice: 'in-service' } as const;
  const name = way === 'internal-relay' || way === 'notice' ? known[way] : undefined;
  return {
    arrival,
    directSend: false,
    way,
    truth: { ...truth, ...(name && { class: name, sender: name }), directSend: false },
  };
}
