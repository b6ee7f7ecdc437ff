import type {
  AlertChannelRow,
  AlertDispatchRow,
  AlertMuteRow,
  AlertRow,
  AlertRuleRow,
  DigestMailRow,
} from './alert-tables.ts';
import type { EdgeConnectorRow, EdgeDomainRow, EdgeRecipientRow, EdgeSafeSenderRow } from './edge-tables.ts';
import type { ApiTokenRow, AuditRow, PasskeyRow, PersonRow, SessionRow } from './people-rows.ts';

/**
 * The tables of control data. Types are chosen so that PostgreSQL takes the same ones: `text`, `integer`,
 * `bigint` (milliseconds since the epoch), and JSON as text, because nothing searches inside it.
 */
export interface ControlTables {
  discovered_devices: DiscoveredDeviceRow;
  discovery_blocks: DiscoveryBlockRow;
  people: PersonRow;
  passkeys: PasskeyRow;
  sessions: SessionRow;
  api_tokens: ApiTokenRow;
  audit_log: AuditRow;
  sources: SourceRow;
  credentials: CredentialRow;
  credential_uses: CredentialUseRow;
  credential_notices: CredentialNoticeRow;
  handovers: HandoverRow;
  domains: DomainRow;
  keys: KeyRow;
  routes: RouteRow;
  settings: SettingRow;
  idempotency: IdempotencyRow;
  owner_notices: OwnerNoticeRow;
  exceptions: ExceptionRow;
  fingerprints: FingerprintRow;
  history: HistoryRow;
  normals: NormalRow;
  recertification_rounds: RecertificationRoundRow;
  recertification_answers: RecertificationAnswerRow;
  alert_rules: AlertRuleRow;
  alert_channels: AlertChannelRow;
  alert_mutes: AlertMuteRow;
  alerts: AlertRow;
  alert_dispatches: AlertDispatchRow;
  digest_mails: DigestMailRow;
  greylist: GreylistRow;
  edge_domains: EdgeDomainRow;
  edge_connectors: EdgeConnectorRow;
  edge_recipients: EdgeRecipientRow;
  edge_safe_senders: EdgeSafeSenderRow;
}

/** A network that greylisting lets through; see `edge/checks/greylist.ts`. */
export interface GreylistRow {
  /** `192.0.2.0/24` */
  network: string;
  seen_at: number;
}

/** A device that is no known source yet; see `sources/discovery/`. */
export interface DiscoveredDeviceRow {
  id: string;
  /** An IPv4 address, or the /64 of an IPv6 address. */
  network: string;
  /** The pending source of its held mail. */
  source: string | null;
  last_seen_at: number;
  /** JSON of Device. */
  observed: string;
}

/** A network from which no device is recorded. */
export interface DiscoveryBlockRow {
  /** CIDR block. */
  network: string;
  created_at: number;
}

export interface SourceRow {
  id: string;
  name: string;
  description: string;
  owner: string;
  state: string;
  /** JSON of SourcePolicy. */
  policy: string;
  contact: string;
  /** JSON of string[]. */
  tags: string;
  notes: string;
  site: string;
  /** JSON of what belongs to its state: how it came there, an open request, a brown-out. */
  course: string;
  created_at: number;
  updated_at: number;
  version: number;
}

export interface CredentialRow {
  id: string;
  source: string;
  label: string;
  state: string;
  account: string | null;
  /** JSON of what proves it: secret, networks, certificate, oauth, apiKeyHash. */
  factors: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  last_used_from: string | null;
  /** 1 or 0. */
  canary: number;
  /** JSON of Rotation. */
  rotation: string | null;
}

/** From where a credential was used. */
export interface CredentialUseRow {
  credential: string;
  /** An IPv4 address, or the /64 of an IPv6 address. */
  network: string;
  first_at: number;
  last_at: number;
  uses: number;
  /** What the client called itself the last time; empty over HTTP. */
  hello: string;
  method: string;
}

/** What somebody was already told of a credential, so that a restart does not tell it again. */
export interface CredentialNoticeRow {
  credential: string;
  /** `alarm:expiry:1700000000000:7` */
  notice: string;
  at: number;
}

/** A secret that waits to be fetched once. */
export interface HandoverRow {
  id: string;
  source: string;
  credential: string;
  /** SHA-256 of the token in the link, hexadecimal. */
  token_hash: string;
  /** Sealed; null once it was fetched, withdrawn, or too old. */
  secret: string | null;
  /** Keyed hash, hexadecimal; null: no PIN is asked. */
  pin_hash: string | null;
  wrong_pins: number;
  /** waiting, fetched, expired, withdrawn, locked */
  state: string;
  created_at: number;
  expires_at: number;
  opened_at: number | null;
  opened: number;
  ended_at: number | null;
  ended_from: string | null;
}

export interface DomainRow {
  name: string;
  /** 1 or 0. */
  internal: number;
  created_at: number;
}

export interface KeyRow {
  domain: string;
  selector: string;
  algorithm: string;
  stage: string;
  /** PKCS #8 PEM, sealed. */
  private_key: string;
  public_key: string;
  created_at: number;
  published_at: number | null;
}

export interface RouteRow {
  name: string;
  /** JSON of Route; passwords and private keys in it are sealed. */
  definition: string;
  updated_at: number;
}

export interface SettingRow {
  name: string;
  value: string;
  updated_at: number;
}

export interface IdempotencyRow {
  source: string;
  idempotency_key: string;
  /** SHA-256 of the request, hexadecimal. */
  fingerprint: string;
  status: number;
  /** The answer's body as it was sent. */
  answer: string;
  expires_at: number;
}

export interface OwnerNoticeRow {
  source: string;
  code: string;
  told_at: number | null;
  /** Refusals since the owner was told. */
  waiting: number;
  first_at: number;
  last_at: number;
  network: string | null;
  /** JSON of addresses and limits of the latest. */
  facts: string;
}

export interface RecertificationRoundRow {
  id: string;
  title: string;
  /** JSON of how its sources were chosen. */
  filter: string;
  /** JSON of BrownOutPlan. */
  brown_out: string;
  started_at: number;
  started_by: string;
  deadline: number;
  reminded_at: number | null;
  closed_at: number | null;
}

export interface RecertificationAnswerRow {
  round: string;
  source: string;
  answer: string;
  answered_at: number | null;
  answered_by: string | null;
  comment: string;
}

/** What is usual for a source; see `containment/`. */
export interface NormalRow {
  source: string;
  /** JSON of Stored. */
  learnt: string;
  /** none, alert, slow, hold, suspend: so that those that are contained are found. */
  level: string;
  /** off, watch, act; null: that of the relay. */
  mode: string | null;
  updated_at: number;
}

/** A weak setting that is allowed until a day; see `sources/exceptions/`. */
export interface ExceptionRow {
  id: string;
  kind: string;
  source: string | null;
  /** JSON of CIDR blocks. */
  networks: string;
  owner: string;
  reason: string;
  created_at: number;
  created_by: string;
  ends_at: number;
  /** open, ended, closed */
  state: string;
  ended_at: number | null;
  ended_by: string | null;
  uses: number;
  last_used_at: number | null;
  last_used_from: string | null;
  /** Days of the last warning that was given. */
  warned: number | null;
  version: number;
}

/** What a source was seen to be able to do; see `sources/compatibility/`. */
export interface FingerprintRow {
  source: string;
  /** JSON of Fingerprint. */
  seen: string;
  updated_at: number;
}

/** A declaration that was applied; see `declared/`. */
export interface HistoryRow {
  id: number;
  at: number;
  made_by: string;
  comment: string;
  /** The entry that this one takes back. */
  reverts: number | null;
  /** JSON of Change[]. */
  changes: string;
}
