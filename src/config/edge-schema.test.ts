import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { edgeSchema } from './edge-schema.ts';

const LDAP = { urls: ['ldaps://dc1.contoso.test'], base: 'dc=contoso' };
const withLdap = (changes: Record<string, unknown>) => ({
  recipients: { verify: ['ldap'], ldap: { ...LDAP, ...changes } },
});

describe('what is refused', () => {
  const cases: [string, unknown, string][] = [
    ['a way twice', { recipients: { verify: ['list', 'list'] } }, 'recipients.verify'],
    ['no way', { recipients: { verify: [] } }, 'recipients.verify'],
    ['no server', withLdap({ urls: [] }), 'recipients.ldap.urls'],
    ['a server in the clear', withLdap({ urls: ['http://dc1'] }), 'recipients.ldap.urls.0'],
    ['no base', withLdap({ base: '' }), 'recipients.ldap.base'],
    ['a filter that asks for nobody', withLdap({ filter: '(mail=*)' }), 'recipients.ldap.filter'],
    ['a name without a password', withLdap({ bindDn: 'cn=x' }), 'recipients.ldap.password'],
    ['a password without a name', withLdap({ password: 'secret-1' }), 'recipients.ldap.bindDn'],
    [
      'a password and no server',
      withLdap({ bindDn: 'cn=x', password: 'secret-1', urls: [] }),
      'recipients.ldap.urls',
    ],
    ['a list that is no zone', { blocklist: [{ zone: 'nonsense' }] }, 'blocklist.0.zone'],
    [
      'an answer that no list gives',
      { blocklist: [{ zone: 'a.test', codes: ['10.0.0.1'] }] },
      'blocklist.0.codes.0',
    ],
    [
      'an answer that is no address',
      { blocklist: [{ zone: 'a.test', codes: ['127.0.0.999'] }] },
      'blocklist.0.codes.0',
    ],
    ['a separator of two characters', { recipients: { subaddress: '++' } }, 'recipients.subaddress'],
    ['a separator that parts addresses', { recipients: { subaddress: '@' } }, 'recipients.subaddress'],
    ['no messages at all', { limits: { messagesPerMinute: 0 } }, 'limits.messagesPerMinute'],
  ];
  for (const [name, input, path] of cases) {
    test(name, () => {
      const { error } = edgeSchema.safeParse(input, { reportInput: true });
      assert.ok(
        error?.issues.some((issue) => issue.path.join('.') === path),
        JSON.stringify(error?.issues),
      );
      assert.ok(!JSON.stringify(error?.issues).includes('secret-1'), 'no secret in a message');
    });
  }
});

test('nothing set: the list is asked, nobody waits, nobody is refused for a name', () => {
  const { recipients, greylist, blocklist, helo, reverseDns, refuseAt } = edgeSchema.parse({});
  assert.deepEqual(recipients.verify, ['list']);
  assert.equal(greylist.enabled, false);
  assert.deepEqual(blocklist, []);
  assert.deepEqual([helo, reverseDns, refuseAt], ['mark', 'off', 'data']);
});
