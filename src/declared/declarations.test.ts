import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { parse, stringify } from 'smol-toml';
import { RegistryError } from '../sources/registry.ts';
import type { Change } from './changes.ts';
import { DeclarationError } from './declaration.ts';
import { declarationFixture } from './fixtures.ts';

const PRINTERS = {
  policy: {
    devices: { pairs: ['scan-*@corp.example'], recipients: { allow: 'internal' }, maxSize: 1000 },
    printers: { base: 'devices', maxSize: 5000 },
  },
  domain: { 'corp.example': {} },
  source: {
    'printer-1': {
      owner: 'paul@corp.example',
      policy: 'printers',
      credential: [{ kind: 'network', networks: ['10.1.2.3'] }],
    },
    'printer-2': { policy: { base: 'printers', maxRecipients: 3 }, credential: [{ kind: 'password' }] },
  },
  route: {
    out: { match: { source: 'printer-1' }, target: { kind: 'mx' } },
  },
};

const shape = (changes: Change[]): string[] =>
  changes.map(({ action, kind, name, fields }) =>
    action === 'change'
      ? `${kind} ${name}: ${fields.map(({ field }) => field).join()}`
      : `${action} ${kind} ${name}`,
  );

describe('declarations', () => {
  it('apply makes it so, once, and a plan after it is empty', async () => {
    const { apply, declarations, sources, routes, domains, reopened } = await declarationFixture();
    const { entry, issued } = await apply(PRINTERS, { comment: 'first' });
    assert.deepEqual(shape(entry?.changes ?? []), [
      'create domain corp.example',
      'create source printer-1',
      'create credential printer-1',
      'create source printer-2',
      'create credential printer-2',
      'create route out',
    ]);
    assert.equal(issued.length, 1);
    assert.equal(issued[0]?.account, 'printer-2');
    assert.match(issued[0]?.password ?? '', /^\S{16,}$/);
    const printer = sources.byName('printer-2');
    assert.equal(printer?.policy.maxSize, 5000, 'of the base');
    assert.equal(printer?.policy.maxRecipients, 3, 'over the base');
    assert.deepEqual(printer?.policy.pairs, [
      { envelope: 'scan-*@corp.example', header: 'scan-*@corp.example' },
    ]);
    assert.equal(routes.byName('out')?.match.source, sources.byName('printer-1')?.id);
    assert.equal(domains.byName('corp.example')?.keys[0]?.stage, 'active');
    assert.equal(sources.byNetwork('10.1.2.3').length, 1);

    assert.deepEqual(declarations.plan(PRINTERS, true).changes, []);
    assert.equal((await apply(PRINTERS)).entry, undefined, 'nothing to do is no entry');
    const after = await reopened();
    assert.deepEqual(after.plan(PRINTERS, true).changes, [], 'the store says the same');
    const [kept] = await declarations.history.list(10);
    assert.deepEqual({ by: kept?.by, comment: kept?.comment }, { by: 'tester', comment: 'first' });
    assert.ok(!JSON.stringify(kept).includes(issued[0]?.password ?? 'none'), 'no secret in the history');
  });

  it('tells changes field by field, and deletes only when asked, and only kinds that are named', async () => {
    const { apply, declarations, sources } = await declarationFixture();
    await apply(PRINTERS);
    const changed = structuredClone(PRINTERS) as Record<string, Record<string, Record<string, unknown>>>;
    changed['policy']!['devices']!['nullSender'] = true;
    changed['source']!['printer-1']!['credential'] = [{ kind: 'network', networks: ['10.1.2.0/24'] }];
    changed['source']!['printer-2'] = { policy: 'printers', credential: [] };
    delete changed['route'];
    assert.deepEqual(shape(declarations.plan(changed, false).changes), [
      'source printer-1: policy.nullSender',
      'credential printer-1: networks',
      'source printer-2: policy.nullSender,policy.maxRecipients',
    ]);
    const pruned = declarations.plan(changed, true);
    assert.deepEqual(shape(pruned.changes).slice(3), ['delete credential printer-2']);
    assert.deepEqual(pruned.unnamed, [{ kind: 'route', name: 'out' }], 'no route is named: none goes');
    const credential = sources.credentials(sources.byName('printer-1')?.id ?? '')[0]?.id;
    await apply(changed, { prune: true });
    assert.equal(sources.byNetwork('10.1.2.77')[0]?.id, credential, 'the same credential, elsewhere');
    assert.equal(sources.byAccount('printer-2')[0]?.state, 'revoked');
  });

  it('does not start again what was suspended, unless the files say so', async () => {
    const { apply, declarations, sources } = await declarationFixture();
    await apply(PRINTERS);
    await sources.edit(sources.byName('printer-1')?.id ?? '', { state: 'suspended' });
    assert.deepEqual(declarations.plan(PRINTERS, false).changes, []);
    const said = structuredClone(PRINTERS);
    Object.assign(said.source['printer-1'], { state: 'active' });
    assert.deepEqual(shape(declarations.plan(said, false).changes), ['source printer-1: state']);
  });

  const mistakes: [string, unknown, string, RegExp][] = [
    ['an unknown kind', { sources: {} }, 'sources', /no known field/],
    ['an unknown field', { source: { a: { ownr: 'x' } } }, 'source/a/ownr', /no known field/],
    [
      'a password in a file',
      { source: { a: { credential: [{ kind: 'password', password: 'x' }] } } },
      'source/a/credential/0/password',
      /no known field/,
    ],
    ['a name', { source: { 'A b': {} } }, 'source/A b', /the name may hold/],
    ['a type', { policy: { p: { maxSize: 'big' } } }, 'policy/p/maxSize', /expected number, not "big"/],
    [
      'an enum',
      { policy: { p: { overLimit: 'x' } } },
      'policy/p/overLimit',
      /expected one of "reject", "defer", "hold", not "x"/,
    ],
    ['a pattern', { policy: { p: { pairs: ['a b@c'] } } }, 'policy/p/pairs/0/envelope', /no address pattern/],
    [
      'a missing policy',
      { source: { a: { policy: 'x' } } },
      'source/a/policy/base',
      /there is no policy "x"/,
    ],
    ['a circle', { policy: { a: { base: 'b' }, b: { base: 'a' } } }, 'policy/a/base', /circle/],
    [
      'a kind without its factor',
      { source: { a: { credential: [{ kind: 'oauth' }] } } },
      'source/a/credential/0/oauth',
      /is missing/,
    ],
    [
      'a factor of another kind',
      { source: { a: { credential: [{ kind: 'network', networks: ['10.0.0.1'], account: 'x' }] } } },
      'source/a/credential/0/account',
      /does not belong/,
    ],
    [
      'a time without its zone',
      { source: { a: { credential: [{ kind: 'api-key', expires: '2027-01-31T12:00:00' }] } } },
      'source/a/credential/0/expires',
      /with its zone/,
    ],
    [
      'direction marks',
      { source: { a: { description: 'x\u202ey' } } },
      'source/a/description',
      /direction characters/,
    ],
    ['a domain', { domain: { localhost: {} } }, 'domain/localhost', /no domain name/],
    [
      'a password without TLS',
      {
        route: {
          r: {
            target: { kind: 'smarthost', hosts: [{ host: 'h.example', port: 25 }], username: 'u' },
            tls: 'none',
          },
        },
      },
      'route/r/tls',
      /needs TLS/,
    ],
  ];
  for (const [name, declaration, path, message] of mistakes) {
    it(`refuses ${name} with its place`, async () => {
      const { declarations } = await declarationFixture();
      assert.throws(
        () => declarations.plan(declaration, false),
        (error) => {
          assert.ok(error instanceof DeclarationError);
          assert.equal(error.issues[0]?.path.join('/'), path);
          assert.match(error.issues[0]?.message ?? '', message);
          return true;
        },
      );
    });
  }

  it('changes nothing, in memory or on disk, when the transaction fails in the middle', async () => {
    for (const table of ['history', 'routes', 'keys', 'credentials', 'sources']) {
      const { apply, control, declarations, journal, reopened, sources, routes, domains } =
        await declarationFixture();
      await apply({ source: { kept: { policy: { pairs: ['a@corp.example'] } } } });
      const before = declarations.export();
      const events = journal.recorded.length;
      await sql
        .raw(`create trigger broken before insert on ${table} begin select raise(abort, 'broken'); end`)
        .execute(control);
      const more = {
        ...PRINTERS,
        source: { ...PRINTERS.source, kept: { policy: { pairs: ['b@corp.example'] } } },
      };
      await assert.rejects(apply(more), /broken/, table);
      assert.deepEqual(declarations.export(), before, `${table}: memory`);
      assert.deepEqual((await reopened()).export(), before, `${table}: disk`);
      assert.equal(sources.byNetwork('10.1.2.3').length + routes.list().length + domains.list().length, 0);
      assert.equal(journal.recorded.length, events, 'and nobody was told that it was');
      await sql.raw('drop trigger broken').execute(control);
      await apply(more);
      assert.equal(sources.byName('kept')?.policy.pairs[0]?.header, 'b@corp.example');
    }
  });

  it('refuses what was changed since the plan, and of two at the same time one', async () => {
    const { apply, declarations, sources } = await declarationFixture();
    await apply(PRINTERS);
    const next = { source: { 'printer-1': { policy: 'p' } }, policy: { p: { pairs: ['x@corp.example'] } } };
    const author = { by: 'tester', comment: '' };
    const { base } = declarations.plan(next, false);
    const options = { base, prune: false, routeSecrets: {} };
    const stale = (error: unknown) =>
      error instanceof RegistryError && error.kind === 'conflict' && error.field === 'version';
    await sources.edit(sources.byName('printer-2')?.id ?? '', { description: 'by hand' });
    await assert.rejects(declarations.apply(next, options, author), stale);

    const again = { ...options, base: declarations.plan(next, false).base };
    const edit = sources.edit(sources.byName('printer-1')?.id ?? '', { description: 'at the same time' });
    const results = await Promise.allSettled([
      declarations.apply(next, again, author),
      declarations.apply(next, again, author),
      edit,
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected', 'fulfilled'],
    );
    const third = { ...options, base: declarations.plan(next, false).base };
    const both = await Promise.allSettled([
      declarations.apply(next, third, author),
      declarations.apply(next, third, author),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  it('checks credentials against those that go and those that come with them', async () => {
    const { apply, sources } = await declarationFixture();
    const network = (block: string) => ({ credential: [{ kind: 'network', networks: [block] }] });
    await apply({ source: { a: network('10.0.0.1'), b: network('10.0.0.2') } });
    await apply({ source: { a: network('10.0.0.2'), b: network('10.0.0.1') } });
    assert.equal(
      sources.byId(sources.byNetwork('10.0.0.1')[0]?.source ?? '')?.name,
      'b',
      'exchanged in one go',
    );
    await assert.rejects(
      apply({ source: { c: network('10.0.0.9'), d: network('10.0.0.9') } }),
      /is the network of source/,
    );
    assert.equal(sources.byName('c'), undefined);
  });

  it('asks for the password of a smart host once, and keeps it', async () => {
    const { apply, declarations, routes } = await declarationFixture();
    const declaration = (port: number) => ({
      route: {
        hub: {
          target: { kind: 'smarthost', hosts: [{ host: 'hub.example', port }], username: 'relay' },
          tls: 'verified',
        },
      },
    });
    await assert.rejects(apply(declaration(587)), /--route-password hub=FILE/);
    await apply(declaration(587), { routeSecrets: { hub: { password: 'secret words' } } });
    await apply(declaration(2525));
    const target = routes.byName('hub')?.target;
    assert.equal(target?.kind === 'smarthost' && target.authentication?.password, 'secret words');
    assert.ok(!JSON.stringify(declarations.export()).includes('secret words'));
  });

  it('takes an entry back as a new one, under the old identifier, with new secrets', async () => {
    const { apply, declarations, sources } = await declarationFixture();
    await apply(PRINTERS);
    const former = declarations.export();
    const id = sources.byName('printer-2')?.id;
    const password = sources.byAccount('printer-2')[0]?.secret?.argon2id;
    const smaller = { policy: PRINTERS.policy, source: { 'printer-1': { policy: 'devices' } } };
    const { entry } = await apply(smaller, { prune: true });
    assert.equal(sources.byName('printer-2'), undefined);
    const back = await declarations.rollback(
      entry?.id ?? 0,
      { force: false, routeSecrets: {} },
      { by: 'tester', comment: 'no' },
    );
    assert.equal(back.entry?.reverts, entry?.id);
    assert.equal(back.issued.length, 1, 'the former password does not come back');
    assert.deepEqual(declarations.export(), former);
    assert.equal(sources.byName('printer-2')?.id, id);
    const live = sources.byAccount('printer-2').filter(({ state }) => state === 'active');
    assert.equal(live.length, 1);
    assert.notEqual(live[0]?.secret?.argon2id, password);
  });

  it('does not lose later changes in a roll-back, unless forced', async () => {
    const { apply, declarations, sources } = await declarationFixture();
    const { entry } = await apply(PRINTERS);
    const first = entry?.id ?? 0;
    const { id = '' } = sources.byName('printer-1') ?? {};
    await sources.edit(id, { description: 'later' });
    await assert.rejects(declarations.planRollback(first, false), /changed since entry 1: source printer-1/);
    await assert.rejects(declarations.planRollback(77, false), /no entry 77/);
    await declarations.rollback(first, { force: true, routeSecrets: {} }, { by: 'tester', comment: '' });
    assert.equal(sources.list().length, 0);
    await declarations.rollback(2, { force: false, routeSecrets: {} }, { by: 'tester', comment: '' });
    assert.equal(sources.byName('printer-1')?.description, 'later', 'a roll-back can be taken back');
    assert.equal(sources.byName('printer-1')?.id, id);
  });

  it('export then plan shows no change, whatever there is', async () => {
    const pattern = fc.constantFrom(
      'corp.example',
      '*.corp.example',
      'a@corp.example',
      'scan-*@corp.example',
    );
    const policy = fc.record(
      {
        pairs: fc.array(fc.oneof(pattern, fc.record({ envelope: pattern, header: pattern })), {
          maxLength: 3,
        }),
        nullSender: fc.boolean(),
        recipients: fc.record({
          allow: fc.constantFrom('internal', 'listed', 'any'),
          patterns: fc.array(pattern),
        }),
        maxSize: fc.nat(),
        limits: fc.constantFrom([], [{ unit: 'bytes', per: 'day', most: 5 }]),
        unaligned: fc.constantFrom('hold', 'send', { action: 'sign-with', domain: 'corp.example' }),
        repair: fc.record({
          missingHeaders: fc.boolean(),
          missingFrom: fc.constantFrom('', 'x@corp.example'),
        }),
      },
      { requiredKeys: [] },
    );
    const text = fc.string({
      unit: fc.constantFrom('a', '"', "'", '\\', '#', ' ', 'é', '=', ']'),
      maxLength: 12,
    });
    const source = fc.record(
      {
        description: text,
        owner: fc.constantFrom('', 'o@corp.example'),
        notes: text,
        tags: fc.constantFrom([], ['a', 'b']),
        state: fc.constantFrom('active', 'suspended', 'sandboxed', 'pending'),
        policy,
        credential: fc.constantFrom(
          [{ kind: 'api-key' }],
          [
            {
              kind: 'oauth',
              oauth: { issuer: 'https://i.example', clientId: 'c' },
              networks: ['10.0.0.0/8'],
              expires: '2030-01-01',
            },
          ],
          [
            { kind: 'api-key', label: 'one' },
            { kind: 'api-key', label: 'two' },
          ],
        ),
      },
      { requiredKeys: [] },
    );
    const name = fc.constantFrom('a', 'b.c', 'd-e', 'f_g');
    const declaration = fc.record({
      source: fc.dictionary(name, source),
      route: fc.dictionary(
        fc.constantFrom('r', 's.t'),
        fc.constant({ target: { kind: 'mx' }, connections: 3 }),
        { maxKeys: 1 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(declaration, async (wanted) => {
        const { apply, declarations } = await declarationFixture();
        await apply(wanted);
        const exported = declarations.export();
        const toml = roundTrip(exported);
        assert.deepEqual(declarations.plan(toml, true).changes, []);
        const other = await declarationFixture();
        await other.apply(toml);
        assert.deepEqual(other.declarations.export(), exported, 'and makes the same elsewhere');
      }),
      { numRuns: 60 },
    );
  });
});

function roundTrip(declaration: object): unknown {
  return JSON.parse(JSON.stringify(parse(stringify(declaration))));
}
