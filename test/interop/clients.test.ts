/**
 * Clients as people have them: each sends through a relay without TLS, with STARTTLS and with TLS from the first
 * octet, and proves who it is by each mechanism that it knows. What it sent must lie in the sandbox unaltered, signed.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { RelayProcess } from '../support/relay-process.ts';
import { CLIENTS, type Security } from './clients.ts';
import type { Keys } from './dkim-tools.ts';
import { freePorts, Postfix, POSTFIX_NEEDS_ROOT } from './postfix.ts';
import { sampleMessage } from './sample.ts';
import { Sandbox } from './sandbox.ts';
import { type Binding, ScramClient, type ScramJob } from './scram-client.ts';

const SECURITIES: Security[] = ['none', 'starttls', 'implicit'];
/** RFC 3848: what the trace field says of each. */
const PROTOCOL: Record<Security, string> = { none: 'ESMTPA', starttls: 'ESMTPSA', implicit: 'ESMTPSA' };
const ACCOUNT = 'device';

const relay = new RelayProcess({
  listeners: [
    { name: 'none', tls: 'none', plainAuthentication: true },
    { name: 'starttls', tls: 'starttls-required' },
    { name: 'implicit', tls: 'implicit' },
  ],
});
const ca = relay.data('tls-certificate.pem');
let ports: Record<string, number> = {};
let password = '';
let sandbox: Sandbox;
const sent: string[] = [];

const portOf = (tls: Security): number => ports[tls] ?? assert.fail(`no listener ${tls}`);
const message = (...words: string[]) => {
  const subject = words.join(' ');
  sent.push(subject);
  return sampleMessage(subject);
};

before(async () => {
  await relay.start();
  ports = await relay.ports();
  const domain = JSON.parse(relay.cli('domain', 'add', 'corp.test', '--json')) as {
    keys: { record: { name: string; text: string } }[];
  };
  const keys: Keys = Object.fromEntries(domain.keys.map(({ record }) => [record.name, record.text]));
  sandbox = new Sandbox(relay, keys);
  const policy = ['--from', 'corp.test', '--recipients', 'any', '--limit', 'messages/minute=none'];
  const login = ['--account', ACCOUNT, '--cram-md5'];
  const added = relay.cli(
    'source',
    'add',
    'device',
    '--owner',
    'owner@corp.test',
    ...policy,
    ...login,
    '--json',
  );
  const { credentials } = JSON.parse(added) as { credentials: { password: string }[] };
  password = credentials[0]?.password ?? assert.fail('no password was made');
});

after(async () => {
  await relay.stop();
  relay.remove();
});

async function expectArrival(
  sample: ReturnType<typeof message>,
  tls: Security,
  method: string,
  trouble?: () => string,
) {
  const { entry, head } = await sandbox.expect(sample, trouble);
  assert.match(head, new RegExp(`^Received: .*\\r\\n\\tby relay\\.test with ${PROTOCOL[tls]} `, 'm'));
  assert.equal(await sandbox.method(entry.message), method);
}

for (const client of CLIENTS) {
  describe(client.name, () => {
    before(() => client.prepare());
    for (const tls of SECURITIES) {
      for (const mechanism of client.mechanisms) {
        test(`TLS ${tls}, ${mechanism}`, async () => {
          const sample = message(client.name, tls, mechanism);
          const account = { account: ACCOUNT, password };
          await client.send({
            port: portOf(tls),
            tls,
            mechanism,
            ...account,
            message: sample,
            ca,
            folder: relay.folder,
          });
          await expectArrival(sample, tls, mechanism);
        });
      }
    }
  });
}

describe('Postfix with Postern as its smart host', { skip: POSTFIX_NEEDS_ROOT }, () => {
  const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256'];
  const ways = SECURITIES.flatMap((tls) => mechanisms.map((mechanism) => ({ tls, mechanism })));
  const domainOf = (tls: Security, mechanism: string) => `${mechanism.toLowerCase()}.${tls}.test`;
  let postfix: Postfix | undefined;
  let smtpPort = 0;

  before(async () => {
    [smtpPort = 0] = await freePorts(1);
    const security: Record<Security, string> = {
      none: '-o smtp_tls_security_level=none',
      starttls: '-o smtp_tls_security_level=secure',
      implicit: '-o smtp_tls_security_level=secure -o smtp_tls_wrappermode=yes',
    };
    // a transport for each way, which the recipient's domain chooses
    const name = (tls: Security, mechanism: string) => `${tls}-${mechanism.toLowerCase()}`;
    const hops = ways.map(
      ({ tls, mechanism }) =>
        `{ ${domainOf(tls, mechanism)} = ${name(tls, mechanism)}:[localhost]:${portOf(tls)} }`,
    );
    postfix = new Postfix({
      port: smtpPort,
      main: {
        transport_maps: `inline:{ ${hops.join(', ')} }`,
        smtp_sasl_auth_enable: 'yes',
        smtp_sasl_password_maps: `static:${ACCOUNT}:${password}`,
        smtp_sasl_security_options: '',
        smtp_sasl_tls_security_options: '',
        smtp_tls_CAfile: ca,
      },
      services: [
        `127.0.0.1:${smtpPort} inet n - n - - smtpd`,
        ...ways.map(
          ({ tls, mechanism }) =>
            `${name(tls, mechanism)} unix - - n - - smtp ${security[tls]} -o smtp_sasl_mechanism_filter=${mechanism}`,
        ),
      ],
    });
    await postfix.start();
  });
  after(() => postfix?.stop());

  for (const { tls, mechanism } of ways) {
    test(`TLS ${tls}, ${mechanism}`, async () => {
      const subject = `Postfix ${tls} ${mechanism}`;
      sent.push(subject);
      const sample = sampleMessage(subject, { to: `you@${domainOf(tls, mechanism)}` });
      const transport = createTransport({ host: '127.0.0.1', port: smtpPort, ignoreTLS: true });
      await transport.sendMail({ envelope: { from: sample.from, to: sample.to }, raw: sample.whole });
      transport.close();
      await expectArrival(sample, tls, mechanism, () => postfix?.log() ?? '');
    });
  }
});

describe('SCRAM bound to the TLS connection', () => {
  const job = (tls: Security, rest: Partial<ScramJob> = {}): ScramJob => ({
    port: portOf(tls),
    tls,
    account: ACCOUNT,
    password,
    ca: readFileSync(ca, 'utf8'),
    ...rest,
  });
  const bindings: Binding[] = ['tls-exporter', 'tls-server-end-point'];

  for (const tls of ['starttls', 'implicit'] as const) {
    for (const binding of bindings) {
      test(`TLS ${tls}, ${binding}`, async () => {
        const sample = message('SCRAM', tls, binding);
        const client = await ScramClient.open(job(tls));
        try {
          assert.equal((await client.authenticate(job(tls, { binding }))).code, 235);
          await client.send(sample);
        } finally {
          client.close();
        }
        await expectArrival(sample, tls, 'SCRAM-SHA-256-PLUS');
      });
    }
  }

  for (const binding of bindings) {
    test(`${binding} of another connection is refused`, async () => {
      const client = await ScramClient.open(job('implicit'));
      try {
        const bound = Buffer.alloc(32, 7);
        const { code, lines } = await client.authenticate(job('implicit', { binding, bound }));
        assert.equal(code, 535, lines.join());
      } finally {
        client.close();
      }
    });
  }
});

test('`postern inbox --json` lists what all of them have sent', () => {
  const listed = JSON.parse(relay.cli('inbox', '--json', '--limit', '1000')) as { subject: string }[];
  assert.deepEqual(listed.map(({ subject }) => subject).sort(), [...sent].sort());
});
