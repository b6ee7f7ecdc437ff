import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Lab } from '../lab/lab.ts';
import type { Role } from '../people/role.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { type ApiFixture, apiFixture } from './fixtures.ts';
import { Problem } from './problem.ts';
import type { ApiOptions } from './context.ts';
import { OWN_REQUEST } from './site.ts';

/**
 * Who may call each route: the least role; `own`: also the source owner, for their own source; `list`: also source
 * owners, who see only what is theirs. A new route is decided upon here, or the tests below fail.
 */
const DECISIONS: Record<string, string> = {
  'GET /api/v1/session': 'anyone',
  'GET /api/v1/session/state': 'open',
  'POST /api/v1/session/setup-link': 'owner',
  'POST /api/v1/session/setup': 'open',
  'POST /api/v1/session': 'open',
  'DELETE /api/v1/session': 'anyone',
  'POST /api/v1/session/invitation': 'open',
  'POST /api/v1/session/passkey/challenge': 'open',
  'POST /api/v1/session/passkey': 'open',
  'GET /api/v1/session/oidc': 'open',
  'GET /api/v1/session/oidc/:provider': 'open',
  'GET /api/v1/session/oidc/:provider/callback': 'open',
  'GET /api/v1/me': 'anyone',
  'GET /api/v1/me/sessions': 'anyone',
  'DELETE /api/v1/me/sessions': 'anyone',
  'PUT /api/v1/me/password': 'anyone',
  'POST /api/v1/me/totp': 'anyone',
  'POST /api/v1/me/totp/confirm': 'anyone',
  'DELETE /api/v1/me/totp': 'anyone',
  'POST /api/v1/me/recovery-codes': 'anyone',
  'GET /api/v1/me/passkeys': 'anyone',
  'POST /api/v1/me/passkeys/challenge': 'anyone',
  'POST /api/v1/me/passkeys': 'anyone',
  'DELETE /api/v1/me/passkeys/:passkey': 'anyone',
  'GET /api/v1/people': 'auditor',
  'POST /api/v1/people': 'owner',
  'GET /api/v1/people/:person': 'auditor',
  'PATCH /api/v1/people/:person': 'owner',
  'DELETE /api/v1/people/:person': 'owner',
  'POST /api/v1/people/:person/invitation': 'owner',
  'POST /api/v1/people/:person/sign-out': 'owner',
  'GET /api/v1/tokens': 'anyone',
  'POST /api/v1/tokens': 'anyone',
  'DELETE /api/v1/tokens/:token': 'anyone',
  'GET /api/v1/audit-log': 'auditor',
  'GET /api/v1/audit-log/export': 'auditor',
  'GET /api/v1/audit-log/verify': 'auditor',
  'GET /api/v1/default-policy': 'auditor list',
  'GET /api/v1/sources': 'auditor list',
  'POST /api/v1/sources': 'operator',
  'GET /api/v1/sources/:name': 'auditor own',
  'PATCH /api/v1/sources/:name': 'operator',
  'DELETE /api/v1/sources/:name': 'operator',
  'GET /api/v1/sources/export': 'auditor list',
  'POST /api/v1/sources/export': 'auditor list',
  'GET /api/v1/source-counts': 'auditor list',
  'GET /api/v1/sources/:name/activity': 'auditor own',
  'POST /api/v1/sources/:name/disable': 'operator own',
  'POST /api/v1/sources/:name/enable': 'operator',
  'POST /api/v1/sources/:name/state': 'operator',
  'POST /api/v1/sources/states': 'operator',
  'POST /api/v1/sources/:name/retire': 'operator own',
  'POST /api/v1/sources/:name/keep': 'operator own',
  'GET /api/v1/source-requests': 'auditor list',
  'POST /api/v1/source-requests': 'anyone',
  'POST /api/v1/source-requests/:name/approve': 'operator',
  'POST /api/v1/source-requests/:name/reject': 'operator',
  'GET /api/v1/recertifications': 'auditor',
  'POST /api/v1/recertifications': 'operator',
  'GET /api/v1/recertifications/:id': 'auditor',
  'GET /api/v1/recertifications/:id/answers': 'auditor list',
  'DELETE /api/v1/recertifications/:id': 'operator',
  'POST /api/v1/sources/:name/recertification': 'operator own',
  'GET /api/v1/sources/:name/credentials': 'auditor own',
  'POST /api/v1/sources/:name/credentials': 'operator',
  'PATCH /api/v1/sources/:name/credentials/:credential': 'operator',
  'GET /api/v1/sources/:name/credentials/:credential': 'auditor own',
  'GET /api/v1/credentials': 'auditor',
  'GET /api/v1/password-presets': 'auditor',
  'DELETE /api/v1/sources/:name/credentials/:credential': 'operator own',
  'POST /api/v1/sources/:name/rotate': 'operator own',
  'GET /api/v1/sources/:name/rotations': 'auditor own',
  'POST /api/v1/sources/:name/credentials/:credential/complete-rotation': 'operator own',
  'POST /api/v1/sources/:name/credentials/:credential/cancel-rotation': 'operator own',
  'GET /api/v1/sources/:name/handovers': 'auditor own',
  'DELETE /api/v1/sources/:name/handovers/:handover': 'operator own',
  'GET /api/v1/domains': 'auditor',
  'POST /api/v1/domains': 'operator',
  'GET /api/v1/domains/:domain': 'auditor',
  'GET /api/v1/domains/:domain/records': 'auditor',
  'POST /api/v1/domains/:domain/check': 'operator',
  'DELETE /api/v1/domains/:domain': 'operator',
  'POST /api/v1/domains/:domain/keys': 'operator',
  'POST /api/v1/domains/:domain/keys/:selector/activate': 'operator',
  'DELETE /api/v1/domains/:domain/keys/:selector': 'operator',
  'GET /api/v1/discovery': 'auditor',
  'GET /api/v1/discovery/:device': 'auditor',
  'POST /api/v1/discovery/:device/plan': 'operator',
  'POST /api/v1/discovery/:device/approve': 'operator',
  'POST /api/v1/discovery/:device/dismiss': 'operator',
  'GET /api/v1/discovery-blocks': 'auditor',
  'POST /api/v1/discovery-blocks': 'operator',
  'DELETE /api/v1/discovery-blocks/:network': 'operator',
  'GET /api/v1/route-choice': 'auditor',
  'GET /api/v1/routes': 'auditor',
  'GET /api/v1/routes/:name': 'auditor',
  'PUT /api/v1/routes/:name': 'operator',
  'DELETE /api/v1/routes/:name': 'operator',
  'GET /api/v1/queue': 'auditor list',
  'GET /api/v1/queue-groups': 'auditor',
  'GET /api/v1/queue/:message': 'auditor list',
  'POST /api/v1/queue/hold': 'operator',
  'POST /api/v1/queue/release': 'operator',
  'POST /api/v1/queue/retry': 'operator',
  'POST /api/v1/queue/delete': 'operator',
  'GET /api/v1/edge/status': 'auditor',
  'POST /api/v1/edge/decide': 'auditor',
  'GET /api/v1/edge/settings': 'auditor',
  'PATCH /api/v1/edge/settings': 'operator',
  'GET /api/v1/edge/domains': 'auditor',
  'GET /api/v1/edge/domains/:name': 'auditor',
  'PUT /api/v1/edge/domains/:name': 'operator',
  'DELETE /api/v1/edge/domains/:name': 'operator',
  'GET /api/v1/edge/connectors': 'auditor',
  'GET /api/v1/edge/connectors/:name': 'auditor',
  'PUT /api/v1/edge/connectors/:name': 'operator',
  'DELETE /api/v1/edge/connectors/:name': 'operator',
  'GET /api/v1/edge/recipients': 'auditor',
  'GET /api/v1/edge/recipients/:address': 'auditor',
  'PUT /api/v1/edge/recipients/:address': 'operator',
  'DELETE /api/v1/edge/recipients/:address': 'operator',
  'POST /api/v1/edge/recipients/import': 'operator',
  'GET /api/v1/edge/safe-senders': 'auditor',
  'PUT /api/v1/edge/safe-senders/:entry': 'operator',
  'DELETE /api/v1/edge/safe-senders/:entry': 'operator',
  'GET /api/v1/edge/messages': 'auditor',
  'GET /api/v1/edge/spoofs': 'auditor',
  'GET /api/v1/events': 'auditor list',
  'GET /api/v1/inbox': 'auditor',
  'GET /api/v1/inbox/:id': 'auditor',
  'GET /api/v1/inbox/:id/raw': 'operator',
  'GET /api/v1/inbox/:id/content': 'operator',
  'GET /api/v1/inbox/:id/content/html': 'operator',
  'GET /api/v1/inbox/:id/content/parts/:part': 'operator',
  'GET /api/v1/messages/:message/raw': 'operator',
  'GET /api/v1/messages/:message/content': 'operator',
  'GET /api/v1/messages/:message/content/html': 'operator',
  'GET /api/v1/messages/:message/content/parts/:part': 'operator',
  'DELETE /api/v1/inbox': 'operator',
  'GET /api/v1/refusals': 'anyone',
  'GET /api/v1/refusals/:code': 'anyone',
  'GET /api/v1/messages': 'auditor list',
  'GET /api/v1/messages/:message': 'auditor list',
  'GET /api/v1/messages/:message/events': 'auditor list',
  'POST /api/v1/messages/:message/reroute': 'operator',
  'GET /api/v1/messages/:message/why': 'auditor list',
  'GET /api/v1/exceptions': 'auditor list',
  'POST /api/v1/exceptions': 'operator',
  'GET /api/v1/exceptions/:id': 'auditor list',
  'PATCH /api/v1/exceptions/:id': 'operator',
  'DELETE /api/v1/exceptions/:id': 'operator',
  'GET /api/v1/sources/:name/compatibility': 'auditor own',
  'GET /api/v1/sources/:name/sheet': 'auditor own',
  'GET /api/v1/refusal-groups': 'auditor list',
  'GET /api/v1/refusal-groups/:group': 'auditor list',
  'GET /api/v1/refusal-groups/:group/notice': 'auditor list',
  'GET /api/v1/transcripts/:session': 'auditor list',
  'GET /api/v1/sources/:source/notices': 'auditor own',
  'GET /api/v1/owner-digest': 'auditor',
  'PUT /api/v1/owner-digest': 'operator',
  'GET /api/v1/owner-digest/preview': 'auditor',
  'GET /api/v1/status': 'auditor',
  'GET /api/v1/configuration': 'auditor',
  'POST /api/v1/configuration/check': 'auditor',
  'PUT /api/v1/configuration': 'owner',
  'POST /api/v1/token/rotate': 'owner',
  'GET /api/v1/declaration': 'auditor',
  'POST /api/v1/plan': 'auditor',
  'POST /api/v1/apply': 'operator',
  'GET /api/v1/history': 'auditor',
  'GET /api/v1/history/:id': 'auditor',
  'POST /api/v1/history/:id/plan-rollback': 'auditor',
  'POST /api/v1/history/:id/rollback': 'operator',
  'POST /api/v1/policy-tests': 'auditor',
  'GET /api/v1/containment': 'auditor',
  'GET /api/v1/sources/:name/normal': 'auditor own',
  'POST /api/v1/sources/:name/containment': 'operator own',
  'PUT /api/v1/sources/:name/containment/mode': 'operator',
  'GET /api/v1/alerts': 'auditor',
  'GET /api/v1/alerts/:id': 'auditor',
  'POST /api/v1/alerts/:id/acknowledge': 'operator',
  'GET /api/v1/alert-rules': 'auditor',
  'GET /api/v1/alert-rules/:name': 'auditor',
  'PUT /api/v1/alert-rules/:name': 'operator',
  'DELETE /api/v1/alert-rules/:name': 'operator',
  'GET /api/v1/alert-channels': 'auditor',
  'GET /api/v1/alert-channels/:name': 'auditor',
  'PUT /api/v1/alert-channels/:name': 'owner',
  'DELETE /api/v1/alert-channels/:name': 'owner',
  'POST /api/v1/alert-channels/:name/test': 'operator',
  'GET /api/v1/alert-mutes': 'auditor',
  'POST /api/v1/alert-mutes': 'operator',
  'DELETE /api/v1/alert-mutes/:id': 'operator',
  'POST /api/v1/sources/import': 'operator',
  'GET /api/v1/audit': 'auditor',
  'GET /api/v1/audit/run': 'auditor',
  'POST /api/v1/audit/run': 'operator',
  'DELETE /api/v1/audit/run': 'operator',
  'GET /api/v1/audit/collect': 'auditor',
  'POST /api/v1/audit/collect': 'operator',
  'DELETE /api/v1/audit/collect': 'operator',
  'GET /api/v1/audit/collect/settings': 'auditor',
  'PUT /api/v1/audit/collect/settings': 'owner',
  'DELETE /api/v1/audit/collect/settings': 'owner',
  'GET /api/v1/audit/decisions': 'auditor',
  'GET /api/v1/audit/evidence': 'auditor',
  'POST /api/v1/audit/evidence/:file': 'operator',
  'DELETE /api/v1/audit/evidence/:file': 'operator',
  'GET /api/v1/audit/files': 'auditor',
  'GET /api/v1/audit/senders': 'auditor',
  'GET /api/v1/audit/senders/:sender': 'auditor',
  'PATCH /api/v1/audit/senders/:sender': 'operator',
  'GET /api/v1/audit/campaigns': 'auditor',
  'GET /api/v1/audit/gate': 'auditor',
  'GET /api/v1/audit/what-if': 'auditor',
  'GET /api/v1/audit/timeline': 'auditor',
  'GET /api/v1/audit/export': 'auditor',
  'GET /api/v1/audit/inventory': 'auditor',
  'GET /api/v1/audit/script': 'auditor',
  'GET /api/v1/first-message': 'operator',
  'GET /api/v1/overview': 'auditor list',
  'GET /api/v1/reports': 'auditor list',
  'GET /metrics': 'auditor',
  'GET /api/v1/lab': 'auditor',
  'GET /api/v1/lab/tenants': 'auditor',
  'POST /api/v1/lab/reset': 'operator',
  'PUT /api/v1/lab/dns/:name/:type': 'operator',
  'GET /api/v1/lab/settings': 'auditor',
  'PATCH /api/v1/lab/settings': 'operator',
  'GET /api/v1/lab/connectors': 'auditor',
  'PUT /api/v1/lab/connectors/:name': 'operator',
  'DELETE /api/v1/lab/connectors/:name': 'operator',
  'GET /api/v1/lab/domains': 'auditor',
  'PUT /api/v1/lab/domains/:name': 'operator',
  'GET /api/v1/lab/mailboxes': 'auditor',
  'GET /api/v1/lab/messages': 'auditor',
  'GET /api/v1/lab/messages/:id': 'auditor',
  'GET /api/v1/lab/messages/:id/content': 'operator',
  'GET /api/v1/lab/messages/:id/content/html': 'operator',
  'GET /api/v1/lab/messages/:id/content/parts/:part': 'operator',
  'GET /api/v1/lab/messages/:id/raw': 'operator',
  'GET /api/v1/lab/trace': 'auditor',
  'GET /api/v1/lab/trace/:messageTraceId/:recipient': 'auditor',
  'GET /api/v1/lab/historical-search': 'auditor',
  'GET /api/v1/lab/actors': 'auditor',
  'POST /api/v1/lab/actors/:name/send': 'operator',
  'GET /api/v1/lab/direct-senders': 'auditor',
  'GET /api/v1/lab/dns/:name/:type': 'auditor',
  'GET /api/v1/lab/tour': 'auditor',
};

/** Not for people: sending, with the key of a source; health; the reference; links that are a secret themselves. */
const OUTSIDE = new Set([
  'POST /v1/messages',
  'GET /handover/:token',
  'POST /handover/:token',
  'GET /healthz',
  'GET /readyz',
  'GET /openapi.json',
  'GET /docs',
]);

const RANK: Record<string, number> = { anyone: 0, auditor: 1, operator: 2, owner: 3 };
const CALLERS = ['nobody', 'source-owner', 'auditor', 'operator', 'owner'] as const;
type Caller = (typeof CALLERS)[number];
const MINE = 'mine';
const THEIRS = 'theirs';

function isAllowed(caller: Caller, decision: string, source: string): boolean {
  const [least = '', own] = decision.split(' ');
  if (least === 'open') return true;
  if (caller === 'nobody') return false;
  if (least === 'anyone') return true;
  if (caller !== 'source-owner') return (RANK[caller] ?? 0) >= (RANK[least] ?? 9);
  return own === 'list' || (own === 'own' && source === MINE);
}

interface Listed {
  method: string;
  url: string;
}

/** Has every part that a lab has; each of them is out of order. Who may ask is decided before it is asked. */
const CLOSED_LAB = new Proxy({} as Lab, {
  get: () => () => {
    throw new Problem(409, 'the lab is closed');
  },
});

async function scene(t: TestContext) {
  const routes: Listed[] = [];
  const onRoute: ApiOptions['onRoute'] = ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') routes.push({ method: one, url });
  };
  const fixture = await apiFixture({ onRoute }, {}, { lab: CLOSED_LAB });
  t.after(() => fixture.api.close());
  for (const [name, owner] of [
    [MINE, 'Source-Owner@corp.example'],
    [THEIRS, 'somebody@corp.example'],
  ] as const) {
    await fixture.context.sources.add({ name, description: '', owner, policy: DEFAULT_POLICY });
  }
  return { fixture, routes };
}

/** Somebody of that role, with a session of their own for each request: some requests end sessions. */
async function callers({ context }: ApiFixture) {
  const ids = new Map<Caller, string>();
  const add = async (role: Role) => {
    const email = `${role}@corp.example`;
    const person = await context.people.people.add({ email, name: role, role, sources: [] });
    ids.set(role, person.id);
  };
  return async (caller: Caller): Promise<Record<string, string>> => {
    if (caller === 'nobody') return {};
    const known = ids.get(caller);
    if (known === undefined || !(await context.people.people.row(known))) {
      const left = await context.people.people.rowByEmail(`${caller}@corp.example`);
      if (left) await context.people.people.remove(left.id);
      await add(caller);
    }
    const value = await context.people.sessions.start(ids.get(caller) ?? '', 'passkey', {
      network: '127.0.0.1',
      agent: 'test',
    });
    return { cookie: `postern=${value}`, origin: 'http://localhost:80' };
  };
}

function concrete(url: string, source: string): string {
  return url
    .replace(/(sources|source-requests)\/:(?:name|source)/, `$1/${source}`)
    .replace(':message', '0123456789A')
    .replaceAll(/:\w+/g, 'x1');
}

describe('roles', () => {
  it('are decided upon for every route of the running server, and for no other', async (t) => {
    const { routes } = await scene(t);
    const served = routes.map(({ method, url }) => `${method} ${url}`).filter((one) => !OUTSIDE.has(one));
    const undecided = served.filter((one) => DECISIONS[one] === undefined);
    assert.deepEqual(undecided, [], 'decide who may call these, in DECISIONS');
    assert.deepEqual(
      Object.keys(DECISIONS).filter((one) => !served.includes(one)),
      [],
      'these are not served any more',
    );
  });

  for (const caller of CALLERS) {
    it(`let ${caller} call what it may, and nothing else`, async (t) => {
      const { fixture, routes } = await scene(t);
      const headersOf = await callers(fixture);
      let tried = 0;
      for (const { method, url } of routes) {
        const decision = DECISIONS[`${method} ${url}`];
        if (decision === undefined) continue;
        for (const source of /sources\/:(?:name|source)/.test(url) ? [THEIRS, MINE] : ['']) {
          const response = await fixture.api.inject({
            method: method as 'GET',
            url: concrete(url, source),
            headers: { ...(await headersOf(caller)), host: 'localhost:80', [OWN_REQUEST]: '1' },
          });
          const { detail = '' } = isProblem(response.headers) ? response.json<{ detail?: string }>() : {};
          const what = `${caller}: ${method} ${concrete(url, source)} answered ${response.statusCode} ${detail}`;
          const denied =
            [401, 429].includes(response.statusCode) && /nobody is signed in|wrong token/.test(detail)
              ? true
              : response.statusCode === 403 && detail.startsWith('this needs the role');
          const hidden = response.statusCode === 404 && detail.startsWith('there is no source "theirs"');
          const allowed = isAllowed(caller, decision, source);
          assert.equal(denied || (caller === 'source-owner' && hidden), !allowed, what);
          if (!allowed && caller === 'nobody') assert.ok([401, 429].includes(response.statusCode), what);
          tried++;
        }
      }
      assert.ok(tried >= Object.keys(DECISIONS).length);
    });
  }
});

describe('the OpenAPI document', () => {
  it('has every route of the running server, and says how one is let in', async (t) => {
    const { fixture, routes } = await scene(t);
    const document = (await fixture.api.inject('/openapi.json')).json<{
      paths: Record<string, Record<string, { security?: unknown[]; description?: string }>>;
      components: {
        securitySchemes: Record<string, { type: string; in?: string; scheme?: string; name?: string }>;
      };
    }>();
    const { securitySchemes } = document.components;
    assert.equal(securitySchemes['token']?.scheme, 'bearer');
    assert.deepEqual(
      [securitySchemes['session']?.in, securitySchemes['session']?.name],
      ['cookie', '__Host-postern'],
    );
    for (const { method, url } of routes) {
      const decision = DECISIONS[`${method} ${url}`];
      if (decision === undefined || url === '/metrics') continue;
      const operation = document.paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      assert.ok(operation, `${method} ${url} is not in the document`);
      assert.deepEqual(operation.security, decision === 'open' ? [] : [{ token: [] }, { session: [] }], url);
      const least = decision.split(' ')[0] ?? '';
      const words =
        { open: 'Open to everybody', anyone: 'whoever has signed in' }[least] ?? `the role ${least}`;
      const said = operation.description?.split(words).length ?? 0;
      assert.equal(said, 2, `${method} ${url} says it ${said - 1} times: ${operation.description}`);
    }
    const served = new Set(routes.map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`));
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods)) {
        assert.ok(served.has(`${method.toUpperCase()} ${path}`), `${method} ${path} is not served`);
      }
    }
  });
});

function isProblem(headers: Record<string, unknown>): boolean {
  return String(headers['content-type']).startsWith('application/problem+json');
}
