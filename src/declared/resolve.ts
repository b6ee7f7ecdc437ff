import { toALabels } from '../message/address-list.ts';
import { DEFAULT_POLICY, NO_DETAILS, type SourcePolicy } from '../sources/source.ts';
import {
  type Declaration,
  DeclarationError,
  type DeclarationIssue,
  type PolicyTable,
  readDeclaration,
} from './declaration.ts';
import type { DeclaredCredential, DeclaredSource, Desired } from './state.ts';

/** Fills in defaults and bases. @throws DeclarationError for what no single field can tell */
export function resolve(value: unknown): Desired {
  const declaration = readDeclaration(value);
  const issues: DeclarationIssue[] = [];
  const policies = new PolicyBook(declaration, issues);
  const desired: Desired = {
    sources: new Map(),
    credentials: new Map(),
    routes: new Map(),
    domains: new Map(),
  };
  for (const [name, { policy, credential, state, ...fields }] of Object.entries(declaration.source)) {
    const source: DeclaredSource = {
      description: '',
      owner: '',
      ...NO_DETAILS,
      ...given(fields),
      policy: policies.completed(policy ?? {}, ['source', name, 'policy']),
    };
    if (state !== undefined) source.state = state;
    desired.sources.set(name, source);
    if (credential) {
      desired.credentials.set(
        name,
        credential.map((one) => completedCredential(name, one)),
      );
    }
  }
  // also those that no source uses: a mistake must not wait for its first use
  for (const [name, policy] of Object.entries(declaration.policy)) {
    policies.completed(policy, ['policy', name]);
  }
  for (const [name, route] of Object.entries(declaration.route)) {
    const { target, tls } = route;
    if (
      target.kind === 'smarthost' &&
      target.username !== undefined &&
      tls === 'none' &&
      !target.implicitTls
    ) {
      const message = 'a password needs TLS: choose verified (or opportunistic on a network that you trust)';
      issues.push({ path: ['route', name, 'tls'], message });
    }
    desired.routes.set(name, { ...route, match: given(route.match) });
  }
  for (const [text, domain] of Object.entries(declaration.domain)) {
    const name = toALabels(text.endsWith('.') ? text.slice(0, -1) : text);
    if (name === undefined || !name.includes('.')) {
      issues.push({ path: ['domain', text], message: 'the name is no domain name' });
    } else if (desired.domains.has(name)) {
      issues.push({ path: ['domain', text], message: `is there twice: it is ${name}` });
    } else desired.domains.set(name, domain);
  }
  if (issues.length > 0) throw new DeclarationError(issues);
  return desired;
}

/** Policies by name, each built on its base. */
class PolicyBook {
  readonly #tables: Map<string, PolicyTable>;
  readonly #issues: DeclarationIssue[];

  constructor({ policy }: Declaration, issues: DeclarationIssue[]) {
    this.#tables = new Map(Object.entries(policy));
    this.#issues = issues;
  }

  completed(table: PolicyTable, path: string[]): SourcePolicy {
    const chain = [table];
    const seen = new Set<string>();
    for (let base = table.base; base !== undefined; ) {
      const found = this.#tables.get(base);
      if (!found || seen.has(base)) {
        const known = [...this.#tables.keys()].slice(0, 20).join(', ') || 'none';
        const message = found
          ? `the policies ${[...seen].join(', ')} build on each other in a circle`
          : `there is no policy ${JSON.stringify(base.slice(0, 64))} in the files; there are: ${known}`;
        this.#issues.push({ path: [...path, 'base'], message });
        break;
      }
      seen.add(base);
      chain.push(found);
      base = found.base;
    }
    return chain.reverse().reduce<SourcePolicy>(over, structuredClone(DEFAULT_POLICY));
  }
}

function over(policy: SourcePolicy, table: PolicyTable): SourcePolicy {
  const { base: _, recipients, repair, rewrite, ...rest } = table;
  return {
    ...policy,
    ...given(rest),
    recipients: { ...policy.recipients, ...given(recipients ?? {}) },
    repair: { ...policy.repair, ...given(repair ?? {}) },
    rewrite: { ...policy.rewrite, ...given(rewrite ?? {}) },
  };
}

function completedCredential(
  source: string,
  { expires, ...fields }: NonNullable<Declaration['source'][string]['credential']>[number],
): DeclaredCredential {
  const credential: DeclaredCredential = given(fields);
  if (fields.kind === 'password') {
    credential.account ??= source;
    credential.cramMd5 ??= false;
  }
  if (expires !== undefined) credential.expiresAt = expires;
  return credential;
}

/** Without the fields that are undefined, which would hide a default. */
function given<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
