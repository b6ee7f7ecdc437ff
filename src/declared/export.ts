import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_POLICY, NO_DETAILS, type SourcePolicy } from '../sources/source.ts';
import type { DeclarationInput } from './declaration.ts';
import type { DeclaredCredential, DeclaredDomain, DeclaredRoute, DeclaredSource, Present } from './state.ts';

/**
 * What there is as a declaration: what differs from the defaults, and a policy that several sources have under a
 * name of its own. Reading it again asks for no change.
 */
export function exportDeclaration(present: Present): DeclarationInput {
  const shared = sharedPolicies(present);
  const policy: DeclarationInput['policy'] = {};
  for (const { name, table } of shared.values()) policy[name] = table;
  const source: DeclarationInput['source'] = {};
  for (const [name, { value }] of present.sources) {
    const credential = (present.credentials.get(name) ?? []).map((one) => exportCredential(name, one.value));
    const table = policyTable(value.policy);
    const base = shared.get(JSON.stringify(table));
    source[name] = {
      ...exportFields(value),
      ...(base ? { policy: base.name } : Object.keys(table).length > 0 ? { policy: table } : {}),
      ...(credential.length > 0 ? { credential } : {}),
    };
  }
  const route: DeclarationInput['route'] = {};
  for (const [name, value] of present.routes) route[name] = exportRoute(value);
  const domain: Record<string, DeclaredDomain> = {};
  for (const [name, value] of present.domains) domain[name] = value;
  return { policy, source, route, domain };
}

type PolicyInput = NonNullable<DeclarationInput['policy']>[string];

function sharedPolicies(present: Present): Map<string, { name: string; table: PolicyInput }> {
  const uses = new Map<string, { table: PolicyInput; count: number }>();
  for (const { value } of present.sources.values()) {
    const table = policyTable(value.policy);
    if (Object.keys(table).length === 0) continue;
    const key = JSON.stringify(table);
    const use = uses.get(key);
    if (use) use.count++;
    else uses.set(key, { table, count: 1 });
  }
  const shared = [...uses].filter(([, { count }]) => count > 1);
  return new Map(shared.map(([key, { table }], i) => [key, { name: `shared-${i + 1}`, table }]));
}

function policyTable(policy: SourcePolicy): PolicyInput {
  const { pairs, unaligned, ...rest } = differing(policy, DEFAULT_POLICY);
  return {
    ...(pairs && {
      pairs: pairs.map((pair) => (pair.envelope === pair.header ? pair.envelope : pair)),
    }),
    ...rest,
    ...(unaligned && { unaligned: 'domain' in unaligned ? unaligned : unaligned.action }),
  };
}

function exportFields({ description, owner, contact, tags, notes, site, state }: DeclaredSource) {
  const fields = differing(
    { description, owner, contact, tags, notes, site },
    { description: '', owner: '', ...NO_DETAILS },
  );
  return { ...fields, ...(state === 'active' ? {} : { state }) };
}

function exportCredential(
  source: string,
  { kind, label, account, cramMd5, networks, certificate, oauth, expiresAt }: DeclaredCredential,
) {
  return {
    kind,
    ...(label === '' ? {} : { label }),
    ...(account === undefined || account === source ? {} : { account }),
    ...(cramMd5 ? { cramMd5 } : {}),
    ...(networks.length === 0 ? {} : { networks }),
    ...(certificate && { certificate }),
    ...(oauth && { oauth }),
    ...(expiresAt === undefined ? {} : { expires: new Date(expiresAt).toISOString() }),
  };
}

function exportRoute({ match, target, tls, connections, messagesPerConnection }: DeclaredRoute) {
  return { match, target, tls, connections, messagesPerConnection };
}

/** The fields that are not as in `defaults`; of a table, its fields that are not. */
function differing<T extends object>(value: T, defaults: T): Partial<T> {
  const result: Partial<T> = {};
  for (const key of Object.keys(value) as (keyof T)[]) {
    const one = value[key];
    const other = defaults[key];
    if (isDeepStrictEqual(one, other)) continue;
    // `unaligned` is one of several shapes: it is written whole
    const isTable = typeof one === 'object' && one !== null && !Array.isArray(one) && !('action' in one);
    result[key] = isTable && other ? (differing(one as object, other as object) as T[keyof T]) : one;
  }
  return result;
}
