/**
 * The tour of the lab as an audience sees it, in both languages, in a lab that runs and in one of its own: what it tells
 * has really happened, and lies where it says.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { LURE_LINK } from '../../src/lab/actors/attacks.ts';
import { endWithProcess } from '../support/end-with-process.ts';
import { cleanEnvironment, POSTERN } from '../support/relay-child.ts';
import { postern, until } from '../support/story-relay.ts';

const ZBAR = '/usr/bin/zbarimg';
const PATIENCE_MS = 60_000;
const BOSS = 'anna.keller@contoso.test';
const COLLEAGUE = 'paul.moreau@contoso.test';

interface Stored {
  id: string;
  mailbox: string;
  folder: string;
  from: string;
  headerFrom: string;
  subject: string;
  verdict: Record<string, unknown>;
}

interface Sent {
  actor: string;
  accepted: boolean;
  reply: string;
  transcript: { by: string; text: string }[];
  landed: Stored[];
}

const folder = mkdtempSync(path.join(tmpdir(), 'postern-lab-story-'));
const data = path.join(folder, 'lab');
let child: ChildProcess;
let token = '';
let address = '';

before(async () => {
  child = spawn(process.execPath, [POSTERN, 'lab', 'start', '--data', data, '--port', '0'], {
    cwd: folder,
    env: cleanEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  endWithProcess(child, 'SIGKILL');
  await until(
    'the lab is ready',
    async () => {
      if (child.exitCode !== null) throw new Error(`the lab ended with ${child.exitCode}`);
      const file = path.join(data, 'api-address');
      if (!existsSync(file)) return false;
      address = readFileSync(file, 'utf8').trim();
      token = readFileSync(path.join(data, 'admin-token'), 'utf8').trim();
      return address !== '';
    },
    PATIENCE_MS,
  );
});

after(async () => {
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

async function api<T>(method: string, target: string, body?: unknown): Promise<T> {
  const response = await fetch(`${address}/api/v1${target}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${target}: ${response.status} ${text}`);
  return (/json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as T;
}

async function inboxes(): Promise<Stored[]> {
  return (await api<{ items: Stored[] }>('GET', '/lab/messages?limit=500')).items;
}

async function settings(): Promise<Map<string, unknown>> {
  const { items } = await api<{ items: { name: string; value: unknown }[] }>('GET', '/lab/settings');
  return new Map(items.map(({ name, value }) => [name, value]));
}

const lab = (...args: string[]) => postern(['lab', ...args, '--data', data], { cwd: folder });

/** What each language tells of the lure, of the switch, of DMARC, and in the end. */
const TELLS = {
  en: [
    /Step 9 of 9/,
    /Arrived: Anna Keller, Inbox/,
    /Refused: nobody gets to see it\./,
    /as they were before the tour/,
  ],
  fr: [
    /Étape 9 sur 9/,
    /Arrivé\u00a0: Anna Keller, Boîte de réception/,
    /Refusé\u00a0: personne ne le verra\./,
    /ceux d’avant la visite/,
  ],
} as const;

const SUBJECTS = {
  en: {
    lure: /^Caller Left VM Message/,
    scan: /^Scan: /,
    transfer: /^Wire transfer/,
    payslip: /^Your payslip/,
  },
  fr: {
    lure: /^Message vocal manqué/,
    scan: /^Numérisation\u00a0: /,
    transfer: /^Virement/,
    payslip: /^Votre bulletin/,
  },
} as const;

for (const language of ['en', 'fr'] as const) {
  test(`the whole tour, ${language}: every message lies where it was told to`, {
    timeout: 120_000,
  }, async () => {
    await api('POST', '/lab/reset');
    await api('PATCH', '/lab/settings', { RejectDirectSend: true, DmarcPolicy: 'quarantine' });
    const found = await settings();

    const { code, out, err } = await lab('tour', '--auto', '--lang', language);
    assert.deepEqual({ code, err }, { code: 0, err: '' });
    for (const told of TELLS[language]) assert.match(out, told);
    assert.doesNotMatch(out, /^ +! /m, 'a step went another way');
    assert.equal(out.match(/550 5\.7\.68 TenantInboundAttribution; Direct Send not allowed/g)?.length, 5);
    assert.equal(out.match(/550 5\.7\.509 Access denied/g)?.length, 1);
    assert.doesNotMatch(out, /\u001b/);
    assert.deepEqual(
      out.split('\n').filter((line) => Array.from(line).length > 80),
      [],
    );

    const { lure, scan, transfer, payslip } = SUBJECTS[language];
    const stored = (await inboxes()).reverse();
    const described = stored.map(({ mailbox, folder: where, from, verdict, ...one }) => {
      const what = Object.entries({ lure, scan, transfer, payslip }).find(([, text]) =>
        text.test(one.subject),
      );
      return [what?.[0] ?? '-', mailbox, where, from, verdict['dmarc'], verdict['connector'] ?? 'none'].join(
        ' ',
      );
    });
    assert.deepEqual(described, [
      `scan ${COLLEAGUE} Inbox scanner@contoso.test pass none`,
      `lure ${BOSS} Inbox ${BOSS} fail none`,
      `- ${COLLEAGUE} Inbox newsletter@contoso.test pass none`,
      `- ${BOSS} Inbox ${COLLEAGUE} pass none`,
      `- ${COLLEAGUE} Inbox b-1187@bounce.newsletter.test pass none`,
      `scan ${COLLEAGUE} Inbox scanner@contoso.test pass Postern relay`,
      `payslip ${COLLEAGUE} Inbox payroll@contoso.test pass Payroll service`,
      `transfer ${COLLEAGUE} Inbox b-77@bulk-sender.test fail none`,
      `scan ${COLLEAGUE} Inbox scanner@contoso.test pass Postern relay`,
      `transfer ${COLLEAGUE} Inbox anna.keller@cont0so.test pass none`,
    ]);
    assert.deepEqual(await settings(), found, 'the settings are as they were');
  });
}

test('the QR code of the lure that was delivered can be read', async (context) => {
  if (!existsSync(ZBAR)) return context.skip(`no ${ZBAR}: 1 case is left out`);
  const lure = (await inboxes()).find(({ mailbox, from }) => mailbox === BOSS && from === BOSS);
  const message = await api<string>('GET', `/lab/messages/${lure?.id}/raw`);
  const encoded = /application\/pdf[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(message)?.[1] ?? '';
  const pdf = Buffer.from(encoded, 'base64');
  const text = pdf.toString('latin1');
  const image = /\/Width (\d+) [^>]*\/Length (\d+) >>\nstream\n/.exec(text);
  assert.ok(image);
  const [whole, width = '', length = ''] = image;
  const start = image.index + whole.length;
  const pixels = inflateSync(pdf.subarray(start, start + Number(length)));
  const file = path.join(folder, 'code.pbm');
  // in a portable bitmap 1 is black
  const bitmap = Buffer.from(pixels.map((octet) => ~octet & 0xff));
  writeFileSync(file, Buffer.concat([Buffer.from(`P4\n${width} ${width}\n`), bitmap]));
  assert.equal(spawnSync(ZBAR, ['--quiet', '--raw', file]).stdout.toString().trim(), LURE_LINK);
  return undefined;
});

describe('actors from the command line', () => {
  test('all of them, as the tenant is at the first start, and with everything shut', async () => {
    await api('POST', '/lab/reset');
    const open = JSON.parse((await lab('send', 'all', '--json')).out) as Sent[];
    assert.equal(open.length, 12);
    assert.deepEqual(
      open.filter(({ landed }) => landed.length !== 1),
      [],
      'at first everything comes in',
    );

    await api('PATCH', '/lab/settings', { RejectDirectSend: true, DmarcPolicy: 'reject' });
    const shut = JSON.parse((await lab('send', 'all', '--json')).out) as Sent[];
    const refused = shut.flatMap(({ actor, accepted, reply }) =>
      accepted ? [] : [`${actor} ${reply.slice(0, 11)}`],
    );
    assert.deepEqual(refused, [
      'printer-direct 550 5.7.68 ',
      'newsletter-bare 550 5.7.68 ',
      'forwarder 550 5.7.68 ',
      'voicemail-lure 550 5.7.68 ',
      'loopback-helo 550 5.7.68 ',
      'foreign-envelope 550 5.7.509',
      'subdomain 550 5.7.509',
    ]);
    // what none of it covers
    const through = shut.filter(({ landed }) => landed.length > 0).map(({ actor }) => actor);
    assert.deepEqual(through, ['printer-relay', 'application', 'newsletter', 'display-name', 'lookalike']);
  });

  test('a transcript has every line and no password', async () => {
    const { out } = await lab('send', 'printer-relay', '--transcript');
    assert.match(out, /→ STARTTLS/);
    assert.match(out, /→ AUTH \S+ \*{8}/);
    assert.match(out, /→ MAIL FROM:<scanner@contoso\.test>/);
    assert.match(out, /arrived +paul\.moreau@contoso\.test, Inbox/);
    const { password } = JSON.parse(readFileSync(path.join(data, 'lab', 'secrets.json'), 'utf8')) as {
      password: string;
    };
    assert.ok(!out.includes(password));
  });

  test('what is not there is said so', async () => {
    const { code, err } = await lab('send', 'nobody');
    assert.equal(code, 1);
    assert.match(err, /there is no actor nobody; there are printer-direct, /);
    assert.equal((await lab('tour', '--auto', '--lang', 'de')).code, 2);
    const { out } = await lab('actors', '--lang', 'fr');
    assert.match(out, /voicemail-lure +⚠ Un message vocal manqué/);
  });
});

test('where no lab runs, the tour starts one and leaves nothing', { timeout: 120_000 }, async () => {
  const empty = mkdtempSync(path.join(folder, 'empty-'));
  const temporary = mkdtempSync(path.join(folder, 'tmp-'));
  const environment = { TMPDIR: temporary, LC_ALL: 'fr_FR.UTF-8' };
  const { code, out, err } = await postern(['lab', 'tour', '--auto'], { cwd: empty, environment });
  assert.deepEqual({ code, err }, { code: 0, err: '' });
  assert.match(out, /Étape 9 sur 9/);
  assert.deepEqual([readdirSync(empty), readdirSync(temporary)], [[], []]);
});
