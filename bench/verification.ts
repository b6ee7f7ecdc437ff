/**
 * Verification of mail that comes in, side by side with mailauth on the same messages, in turns, in one run
 * (`npm run bench:verification`): a message of 10 kB, signed with RSA of 2048 bits, DNS answers in memory. Prints JSON
 * lines; quote the ratios, the absolute figures belong to the machine.
 *
 *   node bench/verification.ts [SECONDS A TURN] [TURNS]
 */
import assert from 'node:assert/strict';

import { authenticate } from 'mailauth';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';

import { authenticateMessage } from '../src/authentication/authenticate.ts';
import type { SigningDomain } from '../src/authentication/dkim/domain.ts';
import { dnsKeyLookup } from '../src/authentication/dkim/key-check.ts';
import { KeyRecords } from '../src/authentication/dkim/key-records.ts';
import { makeKey, recordName, recordText } from '../src/authentication/dkim/keys.ts';
import { DkimSigner } from '../src/authentication/dkim/sign.ts';
import { verifyDkim } from '../src/authentication/dkim/verify.ts';
import { Lookups } from '../src/authentication/lookups.ts';
import { HeaderIndex } from '../src/message/headers.ts';
import { systemClock } from '../src/platform/clock.ts';
import { bothFamilies, ResolveError, type Resolver } from '../src/platform/resolver.ts';

const seconds = Number(process.argv[2] ?? 2);
const turns = Number(process.argv[3] ?? 5);
/** Domains whose mail comes in by turns, each with a key of its own. */
const DOMAINS = 8;
const MESSAGES = 64;
const BYTES = 10_000;
const LIMITS = { headerBytes: 1_048_576, headerFields: 1000 };

interface Mail {
  head: Buffer;
  body: Buffer;
  whole: Buffer;
  sender: string;
  helo: string;
}

const at = Date.now();
const records = new Map<string, string[]>();
const domains = await Promise.all(
  Array.from({ length: DOMAINS }, async (_, i): Promise<SigningDomain> => {
    const name = `sender${i}.example`;
    const key = await makeKey({ algorithm: 'rsa-sha256', selector: 's1', stage: 'active', at });
    records.set(`TXT ${recordName('s1', name)}`, [recordText(key)]);
    records.set(`TXT ${name}`, ['v=spf1 ip4:198.51.100.0/24 ip4:192.0.2.0/24 -all']);
    records.set(`TXT _dmarc.${name}`, [`v=DMARC1; p=reject; rua=mailto:dmarc@${name}`]);
    records.set(`A mail.${name}`, ['192.0.2.1']);
    return { name, internal: false, createdAt: at, keys: [key] };
  }),
);
records.set('PTR 192.0.2.1', ['mail.sender0.example']);
const signer = new DkimSigner({ byName: (name) => domains.find((domain) => domain.name === name) });
const mails = await Promise.all(Array.from({ length: MESSAGES }, (_, i) => mail(i)));

async function mail(i: number): Promise<Mail> {
  const { name } = domains[i % DOMAINS]!;
  const fields = [
    `Received: from app.${name} ([10.0.0.${i}])\r\n\tby mail.${name} with ESMTPSA id ${i}abc;\r\n\tThu, 1 Jan 2026 00:00:00 +0000`,
    `From: "Billing department" <billing@${name}>`,
    'To: "A customer" <customer@receiver.example>',
    `Subject: Your invoice number ${i} of the first of January`,
    'Date: Thu, 1 Jan 2026 00:00:00 +0000',
    `Message-ID: <${i}.invoice@${name}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    `List-Unsubscribe: <https://${name}/unsubscribe/${i}>`,
    '',
    '',
  ];
  const unsigned = Buffer.from(fields.join('\r\n'));
  const line = `Line of the invoice ${i}: one of what was ordered, and  what it cost.\r\n`;
  const body = Buffer.from(line.repeat(Math.ceil((BYTES - unsigned.length - 500) / line.length)));
  const signature = await signer.sign({ head: unsigned }, signer.hash(body, true), name, at);
  const head = Buffer.concat([signature, unsigned]);
  return { head, body, whole: Buffer.concat([head, body]), sender: `bounce@${name}`, helo: `mail.${name}` };
}

const answer = async (type: string, name: string): Promise<string[]> => {
  const found = records.get(`${type} ${name}`);
  if (!found) throw new ResolveError('nxdomain', name);
  return found;
};
const resolver: Resolver = {
  txt: (name) => answer('TXT', name),
  a: (name) => answer('A', name),
  aaaa: (name) => answer('AAAA', name),
  ptr: (address) => answer('PTR', address),
  mx: async (name) => {
    throw new ResolveError('nodata', name);
  },
  addresses: (name) => bothFamilies(resolver, name),
};
/** The same answers in the form that mailauth asks for. */
const theirResolver = async (name: string, type: string): Promise<string[] | string[][]> => {
  const found = records.get(type === 'PTR' ? 'PTR 192.0.2.1' : `${type} ${name}`);
  if (!found) throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
  return type === 'TXT' ? found.map((text) => [text]) : found;
};

const keyRecords = new KeyRecords();
const options = { receiver: 'mx.receiver.example', records: keyRecords };
const client = { address: '192.0.2.1' };

type Contender = (mail: Mail) => Promise<string>;

const work: Record<string, { ours: Contender; mailauth: Contender }> = {
  dkim: {
    async ours({ head, body }) {
      const lookups = new Lookups({ resolver, clock: systemClock });
      const [found] = await verifyDkim({ head, body }, dnsKeyLookup(lookups), {
        now: Date.now(),
        ...options,
      });
      return String(found?.result);
    },
    async mailauth({ whole }) {
      const { results } = await dkimVerify(whole, { resolver: theirResolver });
      return String(results[0]?.status.result);
    },
  },
  'spf, dkim, arc, dmarc': {
    async ours({ head, body, sender, helo }) {
      const lookups = new Lookups({ resolver, clock: systemClock });
      const message = { ...client, helo, sender, head: new HeaderIndex(head, LIMITS), body };
      const { spf, dkim, arc, dmarc } = await authenticateMessage(message, lookups, options);
      return [spf.result, dkim[0]?.result, arc.result, dmarc.result].join();
    },
    async mailauth({ whole, sender, helo }) {
      const found = await authenticate(whole, {
        ip: client.address,
        helo,
        sender,
        mta: options.receiver,
        resolver: theirResolver,
        disableBimi: true,
      });
      const { spf, dkim, arc, dmarc } = found;
      return [spf, dkim.results[0], arc, dmarc].map((one) => one && one.status.result).join();
    },
  },
};

/** Messages a second and milliseconds of CPU a message, with so many at the same time. */
async function turn(contender: Contender, atOnce: number): Promise<{ perSecond: number; cpuMs: number }> {
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const end = begin + seconds * 1000;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) await contender(mails[done++ % MESSAGES]!);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: done / ((performance.now() - begin) / 1000),
    cpuMs: (user + system) / 1000 / done,
  };
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const rounded = (value: number): number => Number(value.toPrecision(3));

for (const [name, { ours, mailauth }] of Object.entries(work)) {
  // both must find the same, and that it is what it says it is
  for (const one of mails) {
    const found = await ours(one);
    assert.match(found, /^pass(?:,pass,none,pass)?$/);
    assert.equal(await mailauth(one), found);
  }
  for (const atOnce of [1, 32]) {
    const rates: Record<'ours' | 'mailauth', { perSecond: number; cpuMs: number }[]> = {
      ours: [],
      mailauth: [],
    };
    // the first turn of each is for the compiler
    for (let i = 0; i <= turns; i++) {
      const round = { ours: await turn(ours, atOnce), mailauth: await turn(mailauth, atOnce) };
      if (i === 0) continue;
      rates.ours.push(round.ours);
      rates.mailauth.push(round.mailauth);
    }
    const middle = (who: 'ours' | 'mailauth', what: 'perSecond' | 'cpuMs'): number =>
      median(rates[who].map((one) => one[what]));
    console.log(
      JSON.stringify({
        verification: name,
        bytes: mails[0]!.whole.length,
        atOnce,
        perSecond: Math.round(middle('ours', 'perSecond')),
        mailauthPerSecond: Math.round(middle('mailauth', 'perSecond')),
        ratio: rounded(middle('ours', 'perSecond') / middle('mailauth', 'perSecond')),
        cpuMs: rounded(middle('ours', 'cpuMs')),
        mailauthCpuMs: rounded(middle('mailauth', 'cpuMs')),
      }),
    );
  }
}
