import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../platform/clock.ts';
import { systemRandom } from '../../platform/random.ts';
import { openControlStore } from '../../store/control.ts';
import { note } from './device.ts';
import { Devices } from './devices.ts';

async function fixture(most = 3) {
  const db = await openControlStore(':memory:');
  const clock = new ManualClock();
  const troubles: unknown[] = [];
  const open = async () => {
    const devices = new Devices({
      db,
      clock,
      random: systemRandom,
      most,
      keepMs: 1_000_000,
      onTrouble: (error) => troubles.push(error),
    });
    await devices.open();
    return devices;
  };
  return { db, clock, troubles, open, devices: await open() };
}

const networks = (devices: Devices): string[] => devices.list().map(({ network }) => network);

test('observations outlive a restart; a device is found by identifier, network and address', async () => {
  const { devices, open } = await fixture();
  const device = devices.see('2001:db8::/64');
  assert.ok(device);
  note(device, 'addresses', '2001:db8::7');
  devices.touch(device);
  await devices.close();
  const again = await open();
  assert.deepEqual(again.list(), [device]);
  for (const name of [device.id, '2001:db8::/64', '2001:db8::7'])
    assert.equal(again.find(name)?.id, device.id);
  assert.equal(again.find('2001:db8::8'), undefined);
});

test('written in batches, some seconds after the first change', async () => {
  const { devices, db, clock } = await fixture();
  const device = devices.see('192.0.2.1');
  assert.ok(device);
  devices.touch(device);
  const rows = () => db.selectFrom('discovered_devices').selectAll().execute();
  assert.equal((await rows()).length, 0);
  clock.advance(5000);
  await new Promise(setImmediate);
  assert.equal((await rows()).length, 1);
});

test('room is made by who sent nothing, then by who was not seen longest, never by who has mail here', async () => {
  const { devices, clock, db } = await fixture(3);
  const see = (network: string, messages = 0) => {
    clock.advance(1);
    const device = devices.see(network);
    if (device) device.messages = messages;
    return device;
  };
  const first = see('192.0.2.1', 1);
  assert.ok(first);
  first.source = 'src_1';
  await devices.save(first);
  see('192.0.2.2', 1);
  see('192.0.2.3');
  see('192.0.2.4', 1);
  assert.deepEqual(networks(devices), ['192.0.2.4', '192.0.2.2', '192.0.2.1']);
  see('192.0.2.5');
  assert.deepEqual(networks(devices), ['192.0.2.5', '192.0.2.4', '192.0.2.1']);
  for (let i = 0; i < 1000; i++) see(`198.51.100.${i}`);
  assert.deepEqual(networks(devices), ['198.51.100.999', '192.0.2.4', '192.0.2.1']);
  assert.equal(devices.counters.displaced, 1002);
  for (const { network } of devices.list()) {
    const device = devices.see(network);
    if (device) device.source = 'src_2';
  }
  assert.equal(devices.see('203.0.113.1'), undefined);
  assert.equal(devices.counters.unrecorded, 1);
  assert.equal((await db.selectFrom('discovered_devices').selectAll().execute()).length, 1);
});

test('who does not come again is forgotten, but for who has mail here', async () => {
  const { devices, clock } = await fixture();
  const kept = devices.see('192.0.2.1');
  if (kept) kept.source = 'src_1';
  devices.see('192.0.2.2');
  clock.advance(999_000);
  devices.see('192.0.2.3');
  clock.advance(2000);
  assert.equal(await devices.expire(), 1);
  assert.deepEqual(networks(devices), ['192.0.2.3', '192.0.2.1']);
});

test('blocked networks outlive a restart, until they are unblocked', async () => {
  const { devices, open } = await fixture();
  await devices.block('192.0.2.0/24');
  await devices.block('192.0.2.0/24');
  const again = await open();
  assert.equal(again.isBlocked('192.0.2.9'), true);
  assert.equal(again.isBlocked('192.0.3.9'), false);
  await again.unblock('192.0.2.0/24');
  assert.equal(again.isBlocked('192.0.2.9'), false);
  await assert.rejects(again.unblock('192.0.2.0/24'), /is not blocked/);
});
