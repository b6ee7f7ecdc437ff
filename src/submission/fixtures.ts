/** What the tests of this room share: a registry in memory, sessions, and a certificate. */
import { randomUUID, X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate } from 'node:tls';
import type { EventSink, JournalEvent } from '../journal/event.ts';
import { isPositive, type Reply } from '../smtp/reply.ts';
import type {
  CredentialKind,
  SaslExchange,
  SaslStep,
  SessionView,
  TlsFacts,
} from '../smtp/server/handler.ts';
import { RegistryError, type SourceChange, type SourceRegistry } from '../sources/registry.ts';
import { type Credential, DEFAULT_POLICY, NO_DETAILS, type Source } from '../sources/source.ts';
import { inNetworks } from './network.ts';

/** For C=DE, O="Corp, Inc", CN=scanner-1; self-signed, P-256, valid until 2126. It guards nothing. */
export const CERTIFICATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQkd/eamzSwnsDWT+
7Op4UdbpU43Ybo1X/PM8OlxBHxShRANCAARCZ/BN9IigelFLWVtAD9AOcryc2AGm
jwKX8m+GXZ34y9B+iLCgOp34x+8j127U8n5PK7/hwYntW0Oj7wU0PVPm
-----END PRIVATE KEY-----`;
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBwDCCAWegAwIBAgIUJQxjHZ9X1z/4olNl06Mxn2VHp78wCgYIKoZIzj0EAwIw
NTELMAkGA1UEBhMCREUxEjAQBgNVBAoMCUNvcnAsIEluYzESMBAGA1UEAwwJc2Nh
bm5lci0xMCAXDTI2MTEyMjIwMTgwNVoYDzIxMjYxMDI5MjAxODA1WjA1MQswCQYD
VQQGEwJERTESMBAGA1UECgwJQ29ycCwgSW5jMRIwEAYDVQQDDAlzY2FubmVyLTEw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARCZ/BN9IigelFLWVtAD9AOcryc2AGm
jwKX8m+GXZ34y9B+iLCgOp34x+8j127U8n5PK7/hwYntW0Oj7wU0PVPmo1MwUTAd
BgNVHQ4EFgQUjRhEZoh74cg2N5L71jIi1iI7NecwHwYDVR0jBBgwFoAUjRhEZoh7
4cg2N5L71jIi1iI7NecwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBE
AiBUzAFiCx2bb5m+ICxYY0rC6F3tIKHothbuFSVPf7w1fwIgT8SvyukZhNviUgmN
+jOwHnXVE6b2GHr+wdlZ74s/UDU=
-----END CERTIFICATE-----`;
export const CERTIFICATE_SUBJECT = 'CN=scanner-1,O=Corp\\, Inc,C=DE';

/** Any day in the life of the certificate. */
export const TODAY = Date.parse('2027-03-01T08:00:00Z');

export class FakeRegistry implements SourceRegistry {
  readonly sources = new Map<string, Source>();
  readonly all = new Map<string, Credential>();
  readonly uses: { credential: string; at: number; from: string }[] = [];
  readonly listeners = new Set<(change: SourceChange) => void>();

  /** A source with this name, and one credential of the given factors, whose identifier is `crd_NAME`. */
  put(name: string, factors: Partial<Credential> = {}, state: Source['state'] = 'active'): Credential {
    const id = `src_${name}`;
    const times = { createdAt: 0, updatedAt: 0, version: 1 };
    const source = {
      id,
      name,
      description: '',
      owner: '',
      state,
      policy: DEFAULT_POLICY,
      ...NO_DETAILS,
      ...times,
    };
    this.sources.set(id, this.sources.get(id) ?? source);
    const credential: Credential = {
      id: `crd_${name}`,
      source: id,
      label: 'test',
      state: 'active',
      networks: [],
      createdAt: 0,
      ...factors,
    };
    this.change(credential);
    return credential;
  }

  /** Puts a credential in place of the one with its identifier. */
  change(credential: Credential): void {
    const before = this.all.get(credential.id);
    this.all.set(credential.id, credential);
    this.#tell({ kind: 'credential', credential, before });
  }

  changeSource(name: string, changes: Partial<Source>): void {
    const before = this.sources.get(`src_${name}`);
    if (!before) throw new RegistryError('not-found', name);
    const source = { ...before, ...changes };
    this.sources.set(source.id, source);
    this.#tell({ kind: 'source', source, before });
  }

  byId(id: string): Source | undefined {
    return this.sources.get(id);
  }
  byName(name: string): Source | undefined {
    return this.sources.get(`src_${name}`);
  }
  list(): Source[] {
    return [...this.sources.values()];
  }
  credentials(source: string): Credential[] {
    return this.#where((one) => one.source === source);
  }
  credential(id: string): Credential | undefined {
    return this.all.get(id);
  }
  byAccount(account: string): Credential[] {
    return this.#where((one) => one.account === account);
  }
  byNetwork(address: string): Credential[] {
    const width = ({ networks }: Credential) => Number(networks[0]?.split('/')[1] ?? 0);
    const alone = this.#where((one) => !one.secret && !one.oauth && !one.certificate && !one.apiKeyHash);
    return alone.filter((one) => inNetworks(address, one.networks)).sort((a, b) => width(b) - width(a));
  }
  byCertificate(shown: { fingerprint256: string; subject: string }): Credential[] {
    return this.#where(({ certificate }) =>
      certificate && 'subject' in certificate
        ? certificate.subject === shown.subject
        : certificate?.fingerprint256 === shown.fingerprint256,
    );
  }
  byOAuthClient(issuer: string, clientId: string): Credential[] {
    return this.#where(({ oauth }) => oauth?.issuer === issuer && oauth.clientId === clientId);
  }
  byApiKeyHash(hash: string): Credential | undefined {
    return this.#where((one) => one.apiKeyHash === hash)[0];
  }
  touched(credential: string, at: number, from: string): void {
    this.uses.push({ credential, at, from });
  }
  onChange(listener: (change: SourceChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async remove(id: string): Promise<void> {
    const source = this.sources.get(id);
    if (!source) throw new RegistryError('not-found', id);
    this.sources.delete(id);
    this.#tell({ kind: 'source', source, before: source, removed: true });
  }
  async revokeCredential(id: string): Promise<Credential> {
    const before = this.all.get(id);
    if (!before) throw new RegistryError('not-found', id);
    const credential: Credential = { ...before, state: 'revoked' };
    this.change(credential);
    return credential;
  }
  add(): Promise<Source> {
    throw new RegistryError('invalid', 'use put');
  }
  edit(): Promise<Source> {
    throw new RegistryError('invalid', 'use changeSource');
  }
  addCredential(): Promise<Credential> {
    throw new RegistryError('invalid', 'use put');
  }

  #where(condition: (credential: Credential) => boolean): Credential[] {
    return [...this.all.values()].filter(condition);
  }
  #tell(change: SourceChange): void {
    for (const listener of this.listeners) listener(change);
  }
}

export class Events implements EventSink {
  readonly written: JournalEvent[] = [];
  write(event: JournalEvent): void {
    this.written.push(event);
  }
  last(): JournalEvent {
    return this.written.at(-1) ?? { type: 'system' };
  }
}

export interface FakeSession extends SessionView {
  ended: Reply[];
}

export function session(
  facts: Partial<SessionView> & { credentials?: CredentialKind[]; plainAuthentication?: boolean } = {},
): FakeSession {
  const { credentials = ['password', 'certificate', 'oauth', 'network'], plainAuthentication = false } =
    facts;
  const ended: Reply[] = [];
  return {
    id: randomUUID(),
    listener: { name: 'submission', credentials: new Set(credentials), plainAuthentication },
    address: '192.0.2.1',
    port: 40_000,
    hello: 'device.example',
    extended: true,
    tls: fakeTls(),
    startedAt: TODAY,
    identity: undefined,
    terminate: (reply) => void ended.push(reply),
    ended,
    ...facts,
  };
}

/** TLS 1.3 with exporter octets that depend on nothing; the client's certificate if asked for. */
export function fakeTls(client?: { verified: boolean }): TlsFacts {
  const { raw } = new X509Certificate(CERTIFICATE);
  return {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    certificateVerified: client?.verified ?? false,
    ...(client && { certificate: { raw } as DetailedPeerCertificate }),
    socket: {
      exportKeyingMaterial: () => Buffer.alloc(32, 7),
      getX509Certificate: () => new X509Certificate(CERTIFICATE),
    } as unknown as TlsFacts['socket'],
  };
}

/** Plays the responses of a client and answers the last step. */
export async function play(
  exchange: SaslExchange,
  ...responses: (string | Buffer | undefined)[]
): Promise<SaslStep> {
  let step: SaslStep | undefined;
  for (const response of responses) {
    step = await exchange.step(typeof response === 'string' ? Buffer.from(response) : response);
  }
  if (!step) throw new Error('no response to play');
  return step;
}

/** `success`, `challenge TEXT`, or the refusal code. */
export function outcome(step: SaslStep): string {
  if (step.kind === 'challenge') return `challenge ${step.data.toString()}`;
  if (step.kind === 'success') return 'success';
  return isPositive(step.reply) ? 'no refusal' : (step.reply.refusal ?? 'no code');
}
