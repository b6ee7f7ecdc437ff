/** What comes before SMTP: the header of a load balancer, and the hello of a TLS client. */
import { isIP } from 'node:net';
import { parseClientHello } from '../../../src/smtp/server/client-hello.ts';
import { parseProxyHeader } from '../../../src/smtp/server/proxy.ts';
import { must, show, type Target } from '../target.ts';

const binary = (command: number, family: number, payload: Buffer, length = payload.length): Buffer =>
  Buffer.concat([
    Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
    Buffer.from([command, family, length >> 8, length & 255]),
    payload,
  ]);

const proxyTarget: Target = {
  name: 'PROXY header',
  weight: 8,
  seeds: [
    ...[
      'PROXY TCP4 192.0.2.9 192.0.2.1 5000 25\r\nEHLO',
      'PROXY TCP6 2001:db8::1 ::1 65535 0\r\n',
      'PROXY UNKNOWN x y\r\n',
      'PROXY TCP4 1.2.3.4\r\n',
      'EHLO x\r\n',
    ].map((text) => Buffer.from(text)),
    binary(0x21, 0x11, Buffer.from([192, 0, 2, 9, 192, 0, 2, 1, 19, 136, 0, 25])),
    binary(0x21, 0x21, Buffer.alloc(60, 7)),
    binary(0x20, 0x00, Buffer.alloc(0)),
    binary(0x21, 0x31, Buffer.alloc(216)),
    binary(0x21, 0x11, Buffer.alloc(12), 4000),
  ],
  words: [
    'PROXY ',
    'TCP4 ',
    'TCP6 ',
    'UNKNOWN',
    '\r\n\r\n\0\r\nQUIT\n',
    '255.255.255.255',
    '::ffff:1.2.3.4',
    '65536',
    '\x21\x11',
  ],
  run(input) {
    const header = parseProxyHeader(input);
    if (header.kind === 'complete') {
      must(
        header.length <= input.length && header.length <= 16 + 2048,
        `a header of ${header.length} octets`,
      );
      if (header.client) {
        must(isIP(header.client.address) > 0, () => `no address: ${show(header.client?.address ?? '')}`);
        must(header.client.port >= 0 && header.client.port <= 65_535, `port ${header.client.port}`);
      }
    }
    // octet by octet nothing else may come out, and never before the header is whole
    for (let length = 0; length < Math.min(input.length, 300); length++) {
      const early = parseProxyHeader(input.subarray(0, length));
      if (early.kind === 'incomplete') continue;
      must(
        JSON.stringify(early) === JSON.stringify(header),
        () => `${length} octets of ${show(input)} are ${show(JSON.stringify(early))}`,
      );
    }
    if (header.kind === 'incomplete') must(input.length < 16 + 2048, 'waits for ever');
    return `${header.kind}${'fault' in header ? header.fault : ''}${'client' in header ? isIP(header.client?.address ?? '') : ''}`;
  },
};

function hello(extensions: Buffer, version = 0x0303): Buffer {
  const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
  const body = Buffer.concat([
    uint16(version),
    Buffer.alloc(32, 1),
    Buffer.from([0, 0, 2, 0x13, 1, 1, 0]),
    uint16(extensions.length),
    extensions,
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), uint16(body.length), body]);
  return Buffer.concat([Buffer.from([22, 3, 1]), uint16(handshake.length), handshake]);
}

const NAME = Buffer.from('\0\0\0\x10\0\x0e\0\0\x0bmail.device', 'latin1');
const VERSIONS = Buffer.from([0, 43, 0, 7, 6, 0x0a, 0x0a, 3, 4, 3, 3]);
const KNOWN = new Set(['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);

const helloTarget: Target = {
  name: 'TLS client hello',
  weight: 8,
  seeds: [
    hello(Buffer.concat([NAME, VERSIONS])),
    hello(NAME),
    hello(Buffer.alloc(0), 0x0301),
    hello(VERSIONS),
    Buffer.from([22, 3]),
  ],
  words: ['\x16\x03\x01', '\0\0', '\0\x2b', '\xff\xff', 'mail.device', '\x03\x04', '\x7f\xff'],
  run(input) {
    const found = parseClientHello(input);
    for (let length = 0; length < Math.min(input.length, 120); length++)
      parseClientHello(input.subarray(0, length));
    if (!found) return 'none';
    must(
      found.offeredVersions.every((version) => KNOWN.has(version)),
      () => `versions ${found.offeredVersions.join()}`,
    );
    must(
      found.serverName === undefined || /^[A-Za-z0-9._-]{1,255}$/.test(found.serverName),
      () => `name ${show(found.serverName ?? '')}`,
    );
    must(found.offeredVersions.length <= 32_768, 'too many versions');
    return `${[...new Set(found.offeredVersions)].join()}${found.serverName?.length}`;
  },
};

export const firstOctetsTargets: Target[] = [proxyTarget, helloTarget];
