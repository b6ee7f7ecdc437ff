import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { rasterize } from './pdf.ts';
import { errorCorrection, formatBits, qrCode } from './qr.ts';

const ZBAR = '/usr/bin/zbarimg';

test('error correction of the example that tutorials of ISO/IEC 18004 use (HELLO WORLD, 1-M)', () => {
  const data = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17];
  assert.deepEqual(
    [...errorCorrection(Buffer.from(data), 10)],
    [196, 35, 39, 119, 235, 215, 231, 226, 93, 23],
  );
});

test('format information of level M (ISO/IEC 18004 table C.1)', () => {
  const expected = [0x5412, 0x5125, 0x5e7c, 0x5b4b, 0x45f9, 0x40ce, 0x4f97, 0x4aa0];
  assert.deepEqual(
    expected.map((_, mask) => formatBits(mask)),
    expected,
  );
});

test('the smallest version that holds the text, and none above the sixth', () => {
  const sizes: [octets: number, modules: number][] = [
    [0, 21],
    [14, 21],
    [15, 25],
    [26, 25],
    [27, 29],
    [42, 29],
    [43, 33],
    [62, 33],
    [63, 37],
    [84, 37],
    [85, 41],
    [106, 41],
  ];
  for (const [octets, modules] of sizes) assert.equal(qrCode('x'.repeat(octets)).length, modules);
  assert.throws(() => qrCode('x'.repeat(107)), RangeError);
  // two octets each
  assert.equal(qrCode('é'.repeat(8)).length, 25);
});

test('another reader reads what was written', { skip: existsSync(ZBAR) ? false : `no ${ZBAR}` }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-qr-'));
  try {
    const file = path.join(folder, 'code.pbm');
    for (const octets of [1, 9, 14, 15, 26, 27, 35, 42, 43, 50, 62, 63, 70, 84, 85, 99, 106]) {
      const text = `https://voicemail.contoso.invalid/${'0123456789/?=&%aZ'.repeat(6)}`.slice(0, octets);
      const { pixels, side } = rasterize(qrCode(text));
      // in a portable bitmap 1 is black
      const picture = Buffer.from(pixels.map((octet) => ~octet & 0xff));
      writeFileSync(file, Buffer.concat([Buffer.from(`P4\n${side} ${side}\n`), picture]));
      assert.equal(spawnSync(ZBAR, ['--quiet', '--raw', file]).stdout.toString().trim(), text);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
