// A printer gets a new password without an outage, its owner gets it by a link, and a planted one gives an intruder away.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { StoryRelay, until } from '../support/story-relay.ts';

interface Issued {
  credential: { id: string; account: string };
  password?: string;
  handover?: { link: string; pin?: string };
}

suite('credentials', () => {
  const relay = new StoryRelay();
  before(async () => {
    await relay.start();
  });
  after(() => relay.remove());

  const login = async (account: string, password: string): Promise<string> => {
    const client = await relay.connect();
    const answer = await client.login(account, password);
    client.destroy();
    return answer;
  };

  test('two secrets work until the rotation is ended, and it is seen who uses which', async () => {
    const old = await relay.addSource('printer');
    const handed = await relay.json<Issued>(
      'credential',
      'handover',
      'printer',
      '--pin',
      '--preset',
      'printer',
    );
    assert.equal(handed.password, undefined);
    const { link = '', pin = '' } = handed.handover ?? {};

    // a mail filter looks first
    assert.doesNotMatch(await (await fetch(link)).text(), /Password/);
    const press = (typed: string): Promise<Response> =>
      fetch(link, { method: 'POST', body: new URLSearchParams({ pin: typed }) });
    assert.equal((await press('1')).status, 403);
    const revealed = await (await press(pin)).text();
    const fresh = /<dt>Password<\/dt><dd><code>([^<]{14})</.exec(revealed)?.[1] ?? '';
    assert.notEqual(fresh, '');
    assert.equal((await press(pin)).status, 410);
    const steps = await relay.cli('credential', 'handovers', 'printer');
    assert.match(steps, /fetched/);

    assert.match(await login('printer', old), /^235 /);
    assert.match(await login('printer', fresh), /^235 /);
    assert.match(await login('printer', `${fresh}x`), /^535 .*A301/);
    const used = await until('both uses are in the journal', async () => {
      const found = await relay.events({ type: 'authentication', source: 'printer' });
      return found.length >= 2 && found;
    });
    assert.deepEqual(
      used.map(({ detail }) => (detail as { secret?: string }).secret),
      ['old', 'new'],
    );
    const rotations = await relay.json<{ old: { id: string }; stillUsedBy: { network: string }[] }[]>(
      'credential',
      'rotations',
      'printer',
    );
    assert.deepEqual(
      rotations[0]?.stillUsedBy.map(({ network }) => network),
      ['127.0.0.1'],
    );

    const session = await relay.session('printer', old);
    await relay.cli('credential', 'complete', 'printer', rotations[0]?.old.id ?? '');
    assert.match(await session.reply(), /^421 4\.7\.0 K801/);
    assert.match(await login('printer', old), /^535 .*A301/);
    assert.match(await login('printer', fresh), /^235 /);
    assert.match(await relay.cli('credential', 'rotations', 'printer'), /No rotation is under way/);
  });

  test('a canary is a wrong password, and a critical alarm', async () => {
    const trap = await relay.json<Issued>('credential', 'canary', 'printer', '--account', 'backup-admin');
    const wrong = await login('printer', 'a wrong one');
    assert.equal(await login('backup-admin', trap.password ?? ''), wrong);
    const [alarm] = await until('the alarm', async () => {
      const found = await relay.log('--code', 'canary-used');
      return found.length > 0 && found;
    });
    assert.equal(alarm?.outcome, 'critical');
    assert.match(alarm?.text ?? '', /was used from 127\.0\.0\.1 .*the planted one/);
    assert.match(await relay.cli('credential', 'list', '--canaries'), /backup-admin/);
  });

  test('what a device can not hold safely is bound to its network', async () => {
    const weak = await relay.run('credential', 'add', 'printer', '--account', 'prn', '--preset', 'legacy-8');
    assert.equal(weak.code, 1);
    assert.match(weak.err, /46 bits/);
    const [bound] = await relay.json<Issued[]>(
      'credential',
      'add',
      'printer',
      '--account',
      'prn',
      '--preset',
      'legacy-8',
      '--only-from',
      '127.0.0.0/8',
    );
    assert.equal(bound?.password?.length, 8);
    assert.match(await login('prn', bound?.password ?? ''), /^235 /);
    assert.match(await relay.cli('credential', 'presets'), /legacy-8 +8 .*46 \*/);
  });
});
