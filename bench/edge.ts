/**
 * The edge under load (`npm run bench:edge`): signed messages of 10 kB from 20 connections, each verified by SPF, DKIM
 * and DMARC through a name server, on stable storage before 250, and delivered to a sink. Prints JSON lines.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeKey, recordText } from '../src/authentication/dkim/keys.ts';
import { DkimSigner } from '../src/authentication/dkim/sign.ts';
import { DnsServer } from '../test/support/dns-server.ts';
import { RelayProcess } from '../test/support/relay-process.ts';
import { Client } from './paced-load.ts';
import { bundleRelay } from './bundled-relay.ts';

bundleRelay();

/** All of the load comes from one network, as it does nowhere else. */
const UNLIMITED = `[edge.limits]
messagesPerMinute = 100_000_000
messagesPerHour = 100_000_000
recipientsPerMinute = 100_000_000
recipientsPerHour = 100_000_000
`;

const compare =
  process.env['COMPARE_SCRIPT'] ?? fileURLToPath(new URL('../../shared/bench/compare.sh', import.meta.url));
const sinkScript = path.join(path.dirname(compare), 'sink.mjs');
if (!existsSync(sinkScript)) {
  console.error(`bench: ${sinkScript} is not there; set COMPARE_SCRIPT to the comparison script beside it`);
  process.exit(2);
}
const count = Number(process.argv[2] ?? 6000);
const rounds = 4;
const SINK = 2636;
const EDGE = 3635;
const CONNECTIONS = 20;
const PER_CONNECTION = 100;

const at = Date.now();
const key = await makeKey({ algorithm: 'rsa-sha256', selector: 's1', stage: 'active', at });
const signer = new DkimSigner({ byName: (name) => ({ name, internal: true, createdAt: at, keys: [key] }) });
const dns = await new DnsServer().listen();
dns
  .set('news.test', 'TXT', 'v=spf1 ip4:127.0.0.1 -all')
  .set('_dmarc.news.test', 'TXT', 'v=DMARC1; p=reject; adkim=s; aspf=s')
  .set('s1._domainkey.news.test', 'TXT', recordText(key));

const relay = new RelayProcess({
  smtpPort: 3634,
  apiPort: 3036,
  config: `[[listener]]\nname = "edge"\nrole = "edge"\nport = ${EDGE}\ntls = "none"\n[dns]\nservers = ["${dns.address}"]\n${UNLIMITED}`,
});
try {
  await relay.start();
  relay.cli('edge', 'domain', 'add', 'contoso.test', '--type', 'internal-relay');
  relay.cli(
    'route',
    'set',
    'sink',
    '--smarthost',
    `127.0.0.1:${SINK}`,
    '--tls',
    'none',
    '--connections',
    '20',
  );
  for (let round = 0; round < rounds; round++) {
    const messages = await signedMessages(round);
    const sink = spawn(process.execPath, [sinkScript, String(SINK), String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    sink.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await delay(500);
    const started = Date.now();
    const { refused, latencies } = await load(messages);
    const seconds = (Date.now() - started) / 1000;
    if (sink.exitCode === null) await Promise.race([once(sink, 'exit'), delay(20_000)]);
    sink.kill();
    const got = printed === '' ? undefined : (JSON.parse(printed) as { received: number; lastMs: number });
    const at99 = latencies[Math.floor(latencies.length * 0.99)] ?? 0;
    console.log(
      JSON.stringify({
        round: round === 0 ? 'cold' : round,
        acceptedPerSecond: Math.round((count - refused) / seconds),
        endToEndPerSecond: got && Math.round(got.received / ((got.lastMs - started) / 1000)),
        received: got?.received ?? 0,
        refused,
        p99: Number(at99.toFixed(2)),
      }),
    );
  }
  const { items } = (await (await relay.ask('/events?type=acceptance&limit=1')).json()) as {
    items: { detail?: { edge?: unknown } }[];
  };
  console.log(
    JSON.stringify({
      verdict: items[0]?.detail?.edge,
      residentMegabytes: Math.round(relay.residentMegabytes()),
    }),
  );
} finally {
  await relay.stop();
  relay.remove();
  await dns.close();
}

async function signedMessages(round: number): Promise<string[]> {
  const line = 'The quick brown fox jumps over the lazy dog, and the device sends its report.\r\n';
  const body = Buffer.from(line.repeat(Math.round(10_000 / line.length)));
  const hash = signer.hash(body, true);
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const head = `From: <letter@news.test>\r\nTo: <user@contoso.test>\r\nSubject: letter ${n}\r\nDate: ${new Date().toUTCString().replace('GMT', '+0000')}\r\nMessage-ID: <${round}-${n}@news.test>\r\nX-Bench-Id: ${at}-${round}-${n}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n`;
      const signature = await signer.sign({ head: Buffer.from(head) }, hash, 'news.test', at);
      return `${signature.toString('latin1')}${head}${body.toString('latin1')}`;
    }),
  );
}

async function load(messages: string[]): Promise<{ refused: number; latencies: number[] }> {
  let next = 0;
  let refused = 0;
  const latencies: number[] = [];
  const one = async (): Promise<void> => {
    while (next < messages.length) {
      const client = await Client.open(EDGE);
      for (let sent = 0; sent < PER_CONNECTION && next < messages.length; sent++) {
        const { code, ms } = await client.transaction(
          'bounce@news.test',
          'user@contoso.test',
          messages[next++] as string,
        );
        latencies.push(ms);
        if (code !== 250) refused++;
      }
      client.end();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  return { refused, latencies: latencies.sort((a, b) => a - b) };
}
