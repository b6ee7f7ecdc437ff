/** The lines that a first start prints to be pasted: each is run in a shell as it stands there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RelayProcess } from '../support/relay-process.ts';
import { needs, needsPerlModule, succeed } from './programs.ts';
import { type Arrival, Sandbox } from './sandbox.ts';

const relay = new RelayProcess({
  listeners: [
    { name: 'smtp', tls: 'starttls' },
    { name: 'submission', tls: 'starttls-required' },
    { name: 'submissions', tls: 'implicit' },
  ],
});
const sandbox = new Sandbox(relay, {});

before(() => relay.start());
after(async () => {
  await relay.stop();
  relay.remove();
});

/** The command of this program in the summary, up to the empty line behind it. */
function printedLine(program: string): string {
  const found = new RegExp(`^ *(${program} .*(?:\\n.+)*)\\n\\n`, 'm').exec(relay.printed)?.[1];
  return found ?? assert.fail(`no line with ${program} in:\n${relay.printed}`);
}

async function expectFirst({ entry }: Arrival): Promise<void> {
  assert.deepEqual(
    [entry.sourceName, entry.from, entry.recipients, entry.subject],
    ['demo', 'app@postern.test', ['you@postern.test'], 'First message'],
  );
  const shown = relay.cli('inbox', 'show', String(entry.id));
  assert.match(shown, /DKIM pass: postern\.test/);
}

test('the line with swaks', async () => {
  needs('/usr/bin/swaks', 'swaks');
  needsPerlModule('Net::SSLeay', 'libnet-ssleay-perl');
  needsPerlModule('Authen::SASL', 'libauthen-sasl-perl');
  const said = await succeed('/bin/bash', ['-c', printedLine('swaks')]);
  const id = /250 2\.0\.0 (\S+) queued/.exec(said)?.[1];
  const arrival = await sandbox.arrival(({ message }) => message === id);
  await expectFirst(arrival);
  assert.match(arrival.head, /with ESMTPSA id/);
});

test('the line with curl', async () => {
  needs('/usr/bin/curl', 'curl');
  const said = await succeed('/bin/bash', ['-c', printedLine('curl')]);
  const { id } = JSON.parse(said) as { id: string };
  const arrival = await sandbox.arrival(({ message }) => message === id);
  await expectFirst(arrival);
  assert.match(arrival.body.toString(), /^It works\.\r\n$/);
});

test('a second start prints the same account, which still works', async () => {
  const passwordOf = () => / --auth-password (\S+)/.exec(relay.printed)?.[1];
  const first = passwordOf();
  await relay.stop();
  await relay.start();
  assert.equal(passwordOf(), first);
  await succeed('/bin/bash', ['-c', printedLine('swaks')]);
});
