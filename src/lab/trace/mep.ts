/** The `Data` of trace details: properties as XML, some of them blobs of `S:name=value` pairs. */
import type { Arrival } from '../arrival.ts';
import { BACK_END, BACK_END_INSIDE, FRONT_END_ADDRESS, FRONT_END_HOST } from '../service.ts';
import { isWithinJunk } from './status.ts';

type Property = [name: string, kind: 'String' | 'Integer' | 'Long' | 'Blob', value: string | number];

export function mepXml(properties: readonly Property[]): string {
  const elements = properties.map(
    ([name, kind, value]) => `<MEP Name="${escape(name)}" ${kind}="${escape(String(value))}"/>`,
  );
  return `<root>${elements.join('')}</root>`;
}

/**
 * Attribute values (XML 1.0 §2.3, §3.3.3). What XML can not hold at all becomes U+FFFD; quotation marks of both kinds
 * are references, as in what Exchange Online writes.
 */
function escape(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\uFFFE\uFFFF\p{Cs}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;');
}

/** How the default receive connector is called: it shows that no inbound connector was named here. */
export const DEFAULT_CONNECTOR = `${BACK_END}\\Default ${BACK_END}`;

/**
 * How the message came in. With an inbound connector, `InboundConnectorData` proves it; it holds semicolons, so that
 * it stands in quotation marks. `ProxiedClientHostname` is what the client called itself.
 */
export function receiveData({ connector, tenant, tls, clientAddress, hello }: Arrival): string {
  return [
    `S:ProxyHop1=${FRONT_END_HOST}(${FRONT_END_ADDRESS})`,
    ...(tls ? [`S:tlsversion=SP_PROT_${tls.version}_SERVER`, `S:tlscipher=${algorithmOf(tls.cipher)}`] : []),
    ...(connector
      ? [
          `'S:InboundConnectorData=Name=${unquoted(connector.name)};ConnectorType=${connector.type};TenantId=${tenant}'`,
        ]
      : []),
    `S:ProxiedClientIPAddress=${clientAddress}`,
    `S:ProxiedClientHostname=${hello}`,
  ].join(';');
}

export function receiveXml(arrival: Arrival): string {
  return mepXml([
    ['ConnectorId', 'String', DEFAULT_CONNECTOR],
    ['ClientIP', 'String', FRONT_END_ADDRESS],
    ['ServerHostName', 'String', BACK_END_INSIDE],
    ['FirstForestHop', 'String', BACK_END_INSIDE],
    ['DeliveryPriority', 'String', 'Normal'],
    ['ReturnPath', 'String', arrival.returnPath || '<>'],
    ['CustomData', 'Blob', receiveData(arrival)],
    ['SequenceNumber', 'Long', 0],
  ]);
}

/** What the spam filter has found. */
export function filterData({ verdict, clientAddress, hello }: Arrival): string {
  if (!verdict) return '';
  const found = [
    ['SFV', verdict.scl >= 5 ? 'SPM' : 'NSPM'],
    ['IPV', 'NLI'],
    ['SRV', ''],
    ['SFS', ''],
    ['SCL', String(verdict.scl)],
    ['DI', dispositionOf(verdict.scl)],
    ['CAT', verdict.category],
    ['H', hello],
    ['CIP', clientAddress],
    ['CTRY', ''],
    ['LANG', 'en'],
  ].map(([name, value]) => `${name}=${value}`);
  return `S:SFA=SUM|${found.join('|')}`;
}

export function filterXml(arrival: Arrival): string {
  return mepXml([
    ['SequenceNumber', 'Long', 1],
    ['CustomData', 'Blob', filterData(arrival)],
    ['SpamConfidenceLevel', 'Integer', arrival.verdict?.scl ?? 0],
  ]);
}

/** None, into Junk, into quarantine. */
function dispositionOf(scl: number): string {
  if (isWithinJunk(scl)) return 'SJ';
  return scl > 6 ? 'SQ' : 'SN';
}

/** `TLS_AES_256_GCM_SHA384` as Schannel names its cipher. */
function algorithmOf(cipher: string): string {
  const [, bits] = /AES_?(128|256)/.exec(cipher) ?? [];
  return bits === undefined ? cipher : `CALG_AES_${bits}`;
}

/** The pair stands in quotation marks: one inside would end it. */
function unquoted(name: string): string {
  return name.replaceAll("'", '');
}
