import type { Observation } from '../observation.ts';
import { type Built, type EvidenceRecord, LONGEST_TEXT } from '../record.ts';
import { connectorOf, direction, messageIdentifier } from '../values.ts';
import { readConnectorData, readCustomData, readMep, readReason, readTls } from '../service-data.ts';

/** Get-MessageTraceV2, Graph messageTraces: a line a recipient. The sender may be the author or the envelope's. */
export function fromTrace(record: EvidenceRecord, file: number): Built<Observation> {
  const recipient = record.address('recipient_address');
  const sender = record.address('sender_address');
  if (recipient === undefined || sender === undefined) return { refused: 'no sender or no recipient column' };
  const at = record.moment('time');
  if (at === undefined) return { refused: 'the time can not be read' };
  const observation: Observation = { kind: 'trace', file, row: record.row, at, sender, recipient };
  common(observation, record);
  observation.traceId = record.guid('trace_id');
  observation.status = record.text('status')?.toLowerCase() || undefined;
  const address = record.text('from_ip');
  // blank for what was submitted inside of the service
  if (address === '') observation.direction = 'originating';
  else if (address !== undefined) observation.address = record.network('from_ip');
  return [observation];
}

function common(observation: Observation, record: EvidenceRecord): void {
  const id = record.text('message_id');
  if (id !== undefined) observation.messageId = messageIdentifier(id);
  observation.subject = record.text('message_subject')?.slice(0, LONGEST_TEXT);
  observation.size = record.whole('total_bytes');
  const extra = record.extra();
  if (extra) observation.extra = extra;
}

/** Events of Get-MessageTraceDetailV2 and of Graph, by what they tell. */
const DETAIL_EVENTS: Record<string, Observation['event']> = {
  receive: 'receive',
  deliver: 'deliver',
  fail: 'fail',
  drop: 'fail',
  spam: 'filter',
  malware: 'filter',
  'spam diagnostics': 'filter',
};

/** One event of one message and recipient; Receive has the envelope, the client and the connector. */
export function fromDetail(record: EvidenceRecord, file: number): Built<Observation> {
  const name = record.text('event') ?? '';
  const event = DETAIL_EVENTS[name.toLowerCase()];
  if (event === undefined) return { aside: `event ${name.slice(0, 40) || '(none)'}` };
  const observation: Observation = { kind: 'trace-detail', file, row: record.row, event };
  observation.at = record.moment('time');
  common(observation, record);
  observation.traceId = record.guid('trace_id');
  observation.networkMessageId = record.guid('network_message_id');
  const recipient = record.address('recipient_address');
  if (recipient) observation.recipient = recipient;
  const detail = record.text('detail') ?? '';
  const values = readMep(record.text('data') ?? '');
  if (event === 'receive') receive(observation, values);
  if (event === 'fail') {
    observation.status = 'failed';
    observation.reply = readReason(`${values.get('Reason') ?? ''} ${detail}`) ?? (detail || undefined);
  }
  if (event === 'deliver') observation.status = 'delivered';
  if (event === 'filter') {
    observation.verdict = values.get('SFV');
    observation.address = undefined;
    const action = record.text('action');
    const facts = Object.fromEntries(
      [...values].filter(([key]) => key === 'SCL' || key === 'DI' || key === 'CIP').slice(0, 10),
    );
    observation.extra = { ...observation.extra, ...facts, ...(action ? { action } : {}) };
  }
  return [observation];
}

function receive(observation: Observation, values: Map<string, string>): void {
  const path = values.get('ReturnPath');
  if (path !== undefined) observation.p1 = envelope(path);
  const custom = values.get('CustomData');
  // an export may leave it out or cut it: then nobody told of connectors, nor that there was no client
  if (custom === undefined) return;
  const data = readCustomData(custom);
  const connectorData = data.get('InboundConnectorData');
  const helo = data.get('ProxiedClientHostname');
  observation.connector = connectorOf(
    values.get('ConnectorId'),
    connectorData === undefined ? undefined : readConnectorData(connectorData),
    helo ? 'client' : 'no-client',
  );
  service(observation, data);
}

/** What custom data say of the client. */
function service(observation: Observation, data: Map<string, string>): void {
  const helo = data.get('ProxiedClientHostname');
  if (helo) observation.helo = helo.slice(0, 255);
  const version = data.get('tlsversion');
  if (version !== undefined) observation.tls = readTls(version);
  else if (data.has('ProxyHop1') && helo) observation.tls = 'none';
}

const envelope = (path: string): string =>
  path
    .trim()
    .replace(/^<(.*)>$/, '$1')
    .toLowerCase()
    .slice(0, 320);

/** Events of the extended search that tell something of the arrival or of its fate; the others are counted. */
const EXTENDED_EVENTS: Record<string, Observation['event']> = {
  RECEIVE: 'receive',
  DELIVER: 'deliver',
  SEND: 'deliver',
  FAIL: 'fail',
  AGENTINFO: 'filter',
};

const MOST_RECIPIENTS = 2000;

/** One event of the extended historical search, with all its recipients. */
export function fromExtended(record: EvidenceRecord, file: number): Built<Observation> {
  const name = record.text('event') ?? '';
  const event = EXTENDED_EVENTS[name];
  if (event === undefined) return { aside: `event ${name.slice(0, 40) || '(none)'}` };
  const source = record.text('source') ?? '';
  // a message is received again from the mailbox, by an agent, ...: these are not arrivals
  if (event === 'receive' && source !== 'SMTP') return { aside: `RECEIVE from ${source.slice(0, 40)}` };
  const at = record.moment('time');
  if (at === undefined) return { refused: 'the time can not be read' };
  const base: Observation = { kind: 'trace-extended', file, row: record.row, event, at };
  common(base, record);
  base.networkMessageId = record.guid('network_message_id');
  base.sender = record.address('sender_address');
  const path = record.address('return_path');
  const written = record.text('return_path');
  // empty is unknown, <> is the null sender
  if (path !== undefined && written !== '') base.p1 = path;
  base.direction = direction(record.text('directionality') ?? '');
  base.address = record.network('original_client_ip');
  if (event === 'receive') {
    const data = readCustomData(record.text('custom_data') ?? '');
    const connectorData = data.get('InboundConnectorData');
    const proxied = data.get('ProxiedClientHostname')
      ? 'client'
      : data.has('ProxyHop1')
        ? 'no-client'
        : 'unknown';
    const connector = connectorOf(
      record.text('connector_id'),
      connectorData === undefined ? undefined : readConnectorData(connectorData),
      proxied,
    );
    // the default connector of a message from inside says nothing of an arrival
    if (connector !== 'none' || base.direction !== 'originating') base.connector = connector;
    service(base, data);
    base.address ??= record.network('proxied_ip');
  } else if (event === 'filter') {
    const data = readCustomData(record.text('custom_data') ?? '');
    const verdict = data.get('SFV');
    if (verdict === undefined) return { aside: 'AGENTINFO without a filter verdict' };
    base.verdict = verdict;
    base.ptr = data.get('PTR');
    const facts = ['SCL', 'CTRY', 'H', 'CIP', 'IPV'].flatMap((key) => {
      const value = data.get(key);
      return value ? [[key, value.slice(0, 200)]] : [];
    });
    base.extra = { ...base.extra, ...Object.fromEntries(facts) };
  } else {
    base.status = event === 'fail' ? 'failed' : 'delivered';
    if (event === 'fail') base.reply = record.text('recipient_status') || undefined;
  }
  return forEachRecipient(base, record.address('recipient_address'));
}

function forEachRecipient(base: Observation, recipients: string | undefined): Observation[] {
  if (!recipients) return [base];
  if (!recipients.includes(';')) return [{ ...base, recipient: recipients }];
  const each = recipients
    .split(';')
    .map((text) => text.trim())
    .filter(Boolean);
  return each.slice(0, MOST_RECIPIENTS).map((recipient) => ({ ...base, recipient }));
}

/** The enhanced summary: a message with the state of each recipient, `address##Receive, Deliver;...`. */
export function fromEnhanced(record: EvidenceRecord, file: number): Built<Observation> {
  const at = record.moment('time');
  if (at === undefined) return { refused: 'the time can not be read' };
  const base: Observation = { kind: 'trace-enhanced', file, row: record.row, at };
  common(base, record);
  base.networkMessageId = record.guid('network_message_id');
  base.sender = record.address('sender_address');
  base.direction = direction(record.text('directionality') ?? '');
  base.address = record.network('original_client_ip');
  const connector = connectorOf(record.text('connector_id'), undefined, 'unknown');
  if (connector !== 'none' || base.direction !== 'originating') base.connector = connector;
  const states = (record.text('recipient_status') ?? '').split(';').filter((text) => text.trim() !== '');
  if (states.length === 0) return [base];
  return states.slice(0, MOST_RECIPIENTS).map((state) => {
    const [recipient = '', events = ''] = state.split('##');
    const status = statusOf(events);
    return { ...base, recipient: envelope(recipient), ...(status === undefined ? {} : { status }) };
  });
}

/** The last event that settles. */
function statusOf(events: string): string | undefined {
  const names = events.toLowerCase();
  if (/\bfail/.test(names)) return 'failed';
  if (/\bquarantine/.test(names)) return 'quarantined';
  if (/\b(?:deliver|send)/.test(names)) return 'delivered';
  return /\bexpand/.test(names) ? 'expanded' : undefined;
}
