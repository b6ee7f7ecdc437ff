/** ARC as a validator meets it: a sealed message that somebody has changed, and whatever else has three such fields. */
import { createPrivateKey } from 'node:crypto';

import { sealArc } from '../../../src/authentication/arc/seal.ts';
import type { Sealer } from '../../../src/authentication/arc/seal.ts';
import { verifyArc } from '../../../src/authentication/arc/verify.ts';
import type { ArcResult } from '../../../src/authentication/arc/verify.ts';
import { DkimSigner } from '../../../src/authentication/dkim/sign.ts';
import { chunked } from '../mutate.ts';
import { DOMAIN, KEY_RECORD } from '../smtp/relay-rooms.ts';
import { must, show, type Target } from '../target.ts';

const NOW = 1_800_000_000_000;
const lookup = async (): Promise<string[]> => [KEY_RECORD];
const hasher = new DkimSigner({ byName: () => undefined });
const key = DOMAIN.keys[0]!;
const sealer: Sealer = {
  domain: DOMAIN.name,
  selector: key.selector,
  algorithm: key.algorithm,
  key: createPrivateKey(key.privateKey),
};

function judge(message: Buffer, pieces?: (body: Buffer) => Iterable<Buffer>): Promise<ArcResult> {
  const found = message.indexOf('\r\n\r\n');
  const end = found < 0 ? message.length : found + 4;
  const body = message.subarray(end);
  return verifyArc({ head: message.subarray(0, end), body: pieces ? pieces(body) : body }, lookup, {
    now: NOW,
  });
}

async function sealed(message: Buffer): Promise<Buffer> {
  const end = message.indexOf('\r\n\r\n') + 4;
  const set = await sealArc(
    {
      head: message.subarray(0, end),
      body: hasher.hash(message.subarray(end), true),
      chain: await judge(message),
      results: 'mx.example; spf=pass',
      at: NOW,
    },
    sealer,
  );
  return Buffer.concat([set ?? Buffer.alloc(0), message]);
}

const PLAIN = Buffer.from('From: a@corp.example\r\nSubject: hello\r\n world\r\n\r\none  two \r\n\r\n');
const ONE = await sealed(PLAIN);
const TWO = await sealed(ONE);

export const arcTarget: Target = {
  name: 'ARC validate and seal',
  weight: 4,
  seeds: [PLAIN, ONE, TWO],
  words: [
    'ARC-Seal: ',
    'ARC-Message-Signature: ',
    'ARC-Authentication-Results: ',
    'i=1;',
    'i=2;',
    'i=50;',
    'i=51;',
    'cv=none',
    'cv=pass',
    'cv=fail',
    'h=',
    'c=simple',
    ';',
    '\r\n ',
    '\r\n',
    ONE.toString('latin1', 0, ONE.indexOf('From:')),
  ],
  async run(input, random) {
    const message = Buffer.from(input);
    const whole = await judge(message);
    const pieces = await judge(message, (body) => chunked(body, random));
    must(JSON.stringify(whole) === JSON.stringify(pieces), () => `in pieces ${show(JSON.stringify(pieces))}`);
    must(whole.highest <= 50 && whole.hops.length <= 50, `${whole.highest} instances`);
    must((whole.reason === undefined) === (whole.result === 'pass' || whole.result === 'none'), 'a reason');
    // one key only: whatever passes has a newest set that covers the message as it is
    if (whole.result === 'pass') {
      must(whole.hops.at(-1)?.message === 'pass', 'the newest set does not cover the message');
      must(
        whole.hops.every(({ seal }) => seal === 'pass'),
        'a seal was not verified',
      );
    }
    // a set can be put on top of a head only, not of what would be read as its continuation
    const hasHead = message.indexOf('\r\n\r\n') > 0 && message[0]! > 0x20;
    const again = hasHead ? await judge(await sealed(message)) : whole;
    if (whole.result === 'pass' && whole.highest < 50) {
      must(again.result === 'pass', () => `sealed it is ${again.reason}: ${show(message, 500)}`);
    } else if (whole.result === 'fail') {
      must(again.result === 'fail', 'a broken chain was mended by sealing it');
    }
    return `${whole.result}${whole.reason}${whole.highest}${whole.oldestPass}`;
  },
};
