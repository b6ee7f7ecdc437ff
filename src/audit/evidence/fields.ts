/**
 * The columns that readers ask for, under one name each, and the names under which they are known: in the exports of
 * Exchange Online, in PowerShell, in Graph, in Defender, and in translated portals as far as they are known.
 */

const NAMES = {
  time: [
    'received',
    'receiveddatetime',
    'date_time_utc',
    'origin_timestamp_utc',
    'timestamp',
    'time stamp',
    'datetime',
    'date',
    'date_time',
    'received time',
    'receivedtime',
    'message_received_date',
    'origin_timestamp',
    'date utc',
    'horodatage',
    'reçu',
    'date de réception',
    'date (utc)',
    'empfangen',
    'zeitstempel',
    'datum',
    'recibido',
    'fecha',
    'ricevuto',
    'data e ora',
  ],
  message_id: [
    'message_id',
    'messageid',
    'internetmessageid',
    'message id',
    'id de message',
    'id du message',
    'nachrichten-id',
    'nachrichtenkennung',
    'id. de mensaje',
    'id messaggio',
    'internet message id',
  ],
  network_message_id: [
    'network_message_id',
    'networkmessageid',
    'network message id',
    'id de message réseau',
  ],
  trace_id: ['messagetraceid', 'message_trace_id', 'message trace id', 'id'],
  /** What the source calls the sender. */
  sender_address: [
    'sender_address',
    'senderaddress',
    'sender address',
    'sender',
    'from address',
    'expéditeur',
    'adresse de l’expéditeur',
    "adresse de l'expéditeur",
    'absender',
    'absenderadresse',
    'remitente',
    'mittente',
  ],
  return_path: [
    'return_path',
    'returnpath',
    'sendermailfromaddress',
    'mail from',
    'p1_sender',
    'p1sender',
    'sender mail from address',
  ],
  from_address: ['senderfromaddress', 'sender from address', 'p2_sender', 'p2sender', 'header_from'],
  recipient_address: [
    'recipient_address',
    'recipientaddress',
    'recipientemailaddress',
    'recipient address',
    'recipient',
    'recipients',
    'to address',
    'destinataire',
    'destinataires',
    'adresse du destinataire',
    'empfänger',
    'empfängeradresse',
    'destinatario',
    'destinatari',
  ],
  recipient_status: ['recipient_status', 'recipientstatus'],
  message_subject: ['message_subject', 'subject', 'messagesubject', 'objet', 'betreff', 'asunto', 'oggetto'],
  status: ['status', 'deliverystatus', 'delivery_status', 'statut', 'état', 'estado', 'stato'],
  from_ip: [
    'fromip',
    'from_ip',
    'from ip',
    'source_ip',
    'sourceip',
    'sender ip',
    'senderip',
    'sender_ip',
    'connecting_ip',
    'clientipaddress',
  ],
  original_client_ip: ['original_client_ip', 'originalclientip', 'original client ip'],
  client_ip: ['client_ip', 'clientip'],
  client_hostname: ['client_hostname', 'clienthostname'],
  sender_ipv4: ['senderipv4'],
  sender_ipv6: ['senderipv6'],
  total_bytes: [
    'total_bytes',
    'size',
    'emailsize',
    'message_size',
    'messagesize',
    'taille',
    'größe',
    'tamaño',
    'dimensioni',
  ],
  connector_id: ['connector_id', 'connectorid'],
  connector_name: [
    'connectors',
    'connector',
    'connector_name',
    'connectorname',
    'connector name',
    'connector direction and name',
    'inbound connector',
    'connecteur',
    'nom du connecteur',
  ],
  connector_type: ['connector_type', 'connectortype', 'connector type', 'type de connecteur'],
  custom_data: ['custom_data', 'customdata'],
  directionality: ['directionality', 'emaildirection', 'direction'],
  event: ['event_id', 'event', 'eventid'],
  source: ['source'],
  data: ['data'],
  action: ['action'],
  detail: ['detail', 'description'],
  authentication: ['authenticationdetails'],
  delivery_action: ['deliveryaction'],
  tls: ['tls', 'tls_used', 'tlsused', 'tls used', 'tls_version', 'tlsversion', 'tls version'],
  forced_tls: ['forced tls?', 'forced tls', 'forcedtls'],
  volume: ['volume', 'message count', 'messagecount', 'count'],
  tag: ['tag'],
  details: ['details'],
  helo: ['helo', 'proxiedclienthostname', 'proxied_client_hostname'],
  proxied_ip: ['proxiedclientipaddress', 'proxied_client_ip', 'proxiedclientip'],
} satisfies Record<string, string[]>;

export type FieldName = keyof typeof NAMES;

export const FIELD_NAMES = Object.keys(NAMES) as FieldName[];

/** A header's name without case, spaces and marks, so that `Sender Address` and `sender_address` are one. */
export function plainName(name: string): string {
  return name
    .slice(0, 200)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** From the plain name to the field; of two fields with one name the first in the list has it. */
const FIELD_OF: ReadonlyMap<string, FieldName> = new Map(
  FIELD_NAMES.toReversed().flatMap((field) => NAMES[field].map((name) => [plainName(name), field] as const)),
);

/** Which column holds which field. */
export interface Layout {
  /** Place of the column by field. */
  places: Partial<Record<FieldName, number>>;
  /** Columns that no field claims, with their names as written. */
  others: { name: string; place: number }[];
}

/**
 * Finds the fields among the names of columns. Where two columns are one field, the first has it and the other is kept
 * among the others.
 * @param mapping a person's word on which column is which field; it goes first.
 */
export function layoutOf(
  columns: readonly string[],
  mapping: Partial<Record<FieldName, string>> = {},
): Layout {
  const places: Partial<Record<FieldName, number>> = {};
  const plain = columns.map(plainName);
  const claimed = new Set<number>();
  for (const [field, column] of Object.entries(mapping) as [FieldName, string][]) {
    const place = column.startsWith('=') ? -1 : plain.indexOf(plainName(column));
    if (place === -1) continue;
    places[field] = place;
    claimed.add(place);
  }
  const others: Layout['others'] = [];
  plain.forEach((name, place) => {
    if (claimed.has(place)) return;
    const field = FIELD_OF.get(name);
    if (field !== undefined && places[field] === undefined) places[field] = place;
    else if (name !== '') others.push({ name: columns[place]!.trim().slice(0, 100), place });
  });
  return { places, others };
}

/** What a person said of a table's columns: kept, and found again by the columns. */
export interface Mapping {
  /** Names of the table's columns, plain and joined; absent: any table that has the columns. */
  table?: string;
  kind?: string;
  /** Field to column's name; a value that begins with `=` holds for all rows. */
  columns: Partial<Record<FieldName, string>>;
}

export const tableOf = (columns: readonly string[]): string =>
  columns.map(plainName).join('|').slice(0, 4000);

/** The mapping that was made for a table, else the first for any table that has one of its columns. */
export function mappingFor(columns: readonly string[], mappings: readonly Mapping[]): Mapping | undefined {
  if (mappings.length === 0) return undefined;
  const table = tableOf(columns);
  const names = new Set(columns.map(plainName));
  return (
    mappings.find((mapping) => mapping.table === table) ??
    mappings.find(
      (mapping) =>
        mapping.table === undefined &&
        Object.values(mapping.columns).some(
          (column) => !column.startsWith('=') && names.has(plainName(column)),
        ),
    )
  );
}
