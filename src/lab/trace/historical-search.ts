/**
 * The reports of Start-HistoricalSearch. MessageTrace and MessageTraceDetail have Microsoft's columns; of the
 * ConnectorReport no header is public: what is known is that its fourth column is `sender_address`.
 */
import { stringify } from 'csv-stringify/sync';
import type { Arrival, ArrivedFor } from '../arrival.ts';
import { LabError } from '../lab.ts';
import { BACK_END, BACK_END_ADDRESS, FRONT_END_ADDRESS, FRONT_END_INSIDE } from '../service.ts';
import { DEFAULT_CONNECTOR, filterData, receiveData } from './mep.ts';
import { addressMatches, arrivalMatches } from './rows.ts';
import { statusOf } from './status.ts';

export const REPORT_TYPES = ['MessageTrace', 'MessageTraceDetail', 'ConnectorReport'] as const;
export const CONNECTOR_TYPES = ['OnPremises', 'Partner', 'NoConnector'] as const;

export interface HistoricalSearch {
  reportTitle: string;
  /** MessageTrace: the enhanced summary. MessageTraceDetail: extended, 27 columns. */
  reportType: (typeof REPORT_TYPES)[number];
  /** ConnectorReport only. */
  connectorType?: (typeof CONNECTOR_TYPES)[number];
  direction?: 'All' | 'Received' | 'Sent';
  senderAddress?: string;
  recipientAddress?: string;
  /** Wall times, milliseconds. */
  start?: number;
  end?: number;
}

type Row = Record<string, string>;

const SUMMARY_COLUMNS =
  'origin_timestamp_utc sender_address recipient_status message_subject total_bytes message_id network_message_id original_client_ip directionality connector_id delivery_priority'.split(
    ' ',
  );

const EXTENDED_COLUMNS =
  'date_time_utc client_ip client_hostname server_ip server_hostname source_context connector_id source event_id internal_message_id message_id network_message_id recipient_address recipient_status total_bytes recipient_count related_recipient_address reference message_subject sender_address return_path message_info directionality tenant_id original_client_ip original_server_ip custom_data'.split(
    ' ',
  );

const CONNECTOR_COLUMNS =
  'date_time_utc message_id network_message_id sender_address recipient_address message_subject direction connector_name connector_type tls_version client_ip total_bytes'.split(
    ' ',
  );

/** The report as a file: UTF-16, little endian, without a mark, as it comes from Microsoft. @throws LabError */
export function historicalReport(
  arrivals: readonly Arrival[],
  search: HistoricalSearch,
): { fileName: string; csv: Buffer } {
  const { reportType, connectorType, senderAddress, recipientAddress, direction } = search;
  if (reportType === 'ConnectorReport' && connectorType === undefined) {
    throw new LabError(
      'invalid',
      'ConnectorType: a ConnectorReport is of OnPremises, Partner or NoConnector',
      'connectorType',
    );
  }
  const found = arrivals.filter(
    (arrival) =>
      // nothing leaves the lab, so that all of it was received
      direction !== 'Sent' &&
      arrivalMatches(arrival, { sender: senderAddress, start: search.start, end: search.end }) &&
      arrival.recipients.some(({ address }) => addressMatches(address, recipientAddress)),
  );
  const { columns, rows } = REPORTS[reportType](found, search);
  const text = stringify(rows, {
    columns,
    header: true,
    quoted_string: true,
    record_delimiter: '\r\n',
    // a cell that begins like this is a formula to whoever opens it in a spreadsheet
    escape_formulas: true,
  });
  return { fileName: fileNameOf(search), csv: Buffer.from(text, 'utf16le') };
}

const REPORTS: Record<
  HistoricalSearch['reportType'],
  (arrivals: readonly Arrival[], search: HistoricalSearch) => { columns: string[]; rows: Row[] }
> = {
  MessageTrace: (arrivals) => ({ columns: SUMMARY_COLUMNS, rows: arrivals.map(summaryRow) }),
  MessageTraceDetail: (arrivals) => ({ columns: EXTENDED_COLUMNS, rows: arrivals.flatMap(extendedRows) }),
  ConnectorReport: (arrivals, { connectorType }) => ({
    columns: CONNECTOR_COLUMNS,
    rows: arrivals
      .filter(({ connector }) => (connector?.type ?? 'NoConnector') === connectorType)
      .flatMap(connectorRows),
  }),
};

function summaryRow(arrival: Arrival): Row {
  return {
    origin_timestamp_utc: timestamp(arrival.at),
    sender_address: arrival.sender,
    recipient_status: arrival.recipients
      .map((one) => `${one.address}##Receive, ${LAST_EVENT[statusOf(arrival, one)]}`)
      .join(';'),
    message_subject: arrival.subject,
    total_bytes: String(arrival.size),
    message_id: arrival.messageId,
    network_message_id: arrival.networkMessageId,
    original_client_ip: arrival.clientAddress,
    directionality: arrival.directionality,
    connector_id: arrival.connector?.name ?? '',
    delivery_priority: 'Normal',
  };
}

const LAST_EVENT = {
  Delivered: 'Deliver',
  FilteredAsSpam: 'Deliver',
  Quarantined: 'Quarantine',
  Failed: 'Fail',
  Pending: 'Send',
} as const;

/** A row for each event, as the transport log has them. */
function extendedRows(arrival: Arrival): Row[] {
  const { recipients } = arrival;
  const all = recipients.map(({ address }) => address).join(';');
  const event = (
    source: string,
    event_id: string,
    recipient_address: string,
    recipient_status: string,
    custom_data: string,
  ): Row => ({
    date_time_utc: timestamp(arrival.at),
    client_ip: FRONT_END_ADDRESS,
    client_hostname: FRONT_END_INSIDE,
    server_ip: BACK_END_ADDRESS,
    server_hostname: BACK_END,
    source_context: `${sessionOf(arrival)};${new Date(arrival.at).toISOString()};0`,
    connector_id: DEFAULT_CONNECTOR,
    source,
    event_id,
    internal_message_id: String(arrival.internalId),
    message_id: arrival.messageId,
    network_message_id: arrival.networkMessageId,
    recipient_address,
    recipient_status,
    total_bytes: String(arrival.size),
    recipient_count: String(recipients.length),
    related_recipient_address: '',
    reference: '',
    message_subject: arrival.subject,
    sender_address: arrival.sender,
    return_path: arrival.returnPath || '<>',
    message_info: '0cI: ',
    directionality: arrival.directionality,
    tenant_id: arrival.tenant,
    original_client_ip: arrival.clientAddress,
    original_server_ip: BACK_END_ADDRESS,
    custom_data,
  });
  const received = event('SMTP', 'RECEIVE', all, '', receiveData(arrival));
  if (!arrival.accepted) return [received, event('SMTP', 'FAIL', all, arrival.reply, '')];
  return [
    received,
    event('AGENT', 'AGENTINFO', all, '', filterData(arrival)),
    ...recipients.flatMap((one) => lastRow(one, event)),
  ];
}

function lastRow(
  { address, folder }: ArrivedFor,
  event: (source: string, id: string, recipient: string, status: string, data: string) => Row,
): Row[] {
  if (folder === undefined) return [];
  return folder === 'Quarantine'
    ? [event('AGENT', 'QUARANTINE', address, folder, '')]
    : [event('STOREDRIVER', 'DELIVER', address, folder, '')];
}

function connectorRows(arrival: Arrival): Row[] {
  return arrival.recipients.map(({ address }) => ({
    date_time_utc: timestamp(arrival.at),
    message_id: arrival.messageId,
    network_message_id: arrival.networkMessageId,
    sender_address: arrival.sender,
    recipient_address: address,
    message_subject: arrival.subject,
    direction: 'Received',
    connector_name: arrival.connector?.name ?? '',
    connector_type: arrival.connector?.type ?? 'NoConnector',
    tls_version: arrival.tls?.version ?? 'No Tls',
    client_ip: arrival.clientAddress,
    total_bytes: String(arrival.size),
  }));
}

/** With the seven digits of .NET. */
function timestamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000Z');
}

function sessionOf({ networkMessageId }: Arrival): string {
  return networkMessageId.replaceAll('-', '').slice(0, 16).toUpperCase();
}

function fileNameOf({ reportTitle, reportType }: HistoricalSearch): string {
  const title = reportTitle.replaceAll(/[^\p{L}\p{N}_ -]+/gu, '_').slice(0, 100);
  return reportType === 'ConnectorReport' ? `${title}-ConnectorReport.csv` : `${title}.csv`;
}
