import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ScriptedOptions, ScriptedServer } from '../../../test/support/scripted-server.ts';
import { systemClock } from '../../platform/clock.ts';
import { systemDialer } from '../../platform/dialer.ts';
import { systemDisk } from '../../platform/disk.ts';
import { systemRandom } from '../../platform/random.ts';
import { OpenError, openSession } from './open.ts';
import { DEFAULT_CLIENT_TIMEOUTS } from './transaction.ts';

const USELESS: [name: string, options: ScriptedOptions, stage: OpenError['stage']][] = [
  ['refuses everybody', { reply: (line) => (line === '' ? '554 5.3.2 not now' : undefined) }, 'greeting'],
  [
    'knows neither EHLO nor HELO',
    { reply: (line) => (/^(?:EH|HE)LO/.test(line) ? '550 no' : undefined) },
    'hello',
  ],
  ['does not offer STARTTLS', {}, 'tls'],
  [
    'can not begin TLS now',
    { extensions: ['STARTTLS'], reply: (line) => (line === 'STARTTLS' ? '454 4.7.0 later' : undefined) },
    'tls',
  ],
];

for (const [name, options, stage] of USELESS) {
  test(`a server that ${name} is left with QUIT`, async () => {
    await using server = await new ScriptedServer(options).listen();
    const socket = await systemDialer.connect({ host: '127.0.0.1', port: server.port, timeoutMs: 1000 });
    const opening = openSession(socket, {
      clock: systemClock,
      disk: systemDisk,
      random: systemRandom,
      timeouts: DEFAULT_CLIENT_TIMEOUTS,
      hostname: 'relay.example',
      host: 'sink.example',
      address: '127.0.0.1',
      tls: { mode: 'verified' },
    });
    await assert.rejects(opening, (error) => error instanceof OpenError && error.stage === stage);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (!socket.closed) await closed;
    assert.equal(server.lines.at(-1), '1 QUIT');
  });
}
