/** The fields that Exchange Online's front door writes into a message, in the form of real ones. */
import type { Authentication } from '../authentication/authenticate.ts';
import { serviceFields } from '../edge/service-fields.ts';
import type { Tenant } from '../edge/tenant.ts';
import { HeadEditor, type HeaderIndex } from '../message/headers.ts';
import type { Arrival } from './arrival.ts';
import {
  arrivalDate,
  BACK_END,
  BACK_END_ADDRESS,
  BACK_END_INSIDE,
  BUILD,
  FRONT_END,
  FRONT_END_ADDRESS,
  FRONT_END_HOST,
  FRONT_END_INSIDE,
  serviceDate,
} from './service.ts';
import type { Verdict } from './lab.ts';
import { bestDkim } from './verdict.ts';

/** Says in each message that a lab wrote those fields, and keeps actors' messages marked. */
const LAB_FIELD = 'x-postern-lab';

export interface StampFacts {
  arrival: Arrival;
  tenant: Tenant;
  verdict: Verdict;
  authentication: Authentication;
  authorDomain: string;
}

/** The head with what the service takes out, and with what it writes. */
export function stamp(index: HeaderIndex, facts: StampFacts): Buffer {
  const editor = new HeadEditor(index);
  for (const field of serviceFields(index)) if (field.name !== LAB_FIELD) editor.remove(field);
  for (const field of index.all('authentication-results')) {
    const value = index.raw(field).subarray(field.valueStart - field.start);
    editor.replace(field, Buffer.concat([Buffer.from('Authentication-Results-Original:'), value]));
  }
  editor.addTop(lines(topFields(facts)));
  editor.addBottom(lines(bottomFields(facts)));
  return editor.build();
}

function topFields(facts: StampFacts): string[] {
  const { arrival, verdict, authentication } = facts;
  const { tls, hello, clientAddress, at } = arrival;
  const secured = tls ? ` (version=${tls.version},\r\n cipher=${tls.cipher})` : '';
  const date = serviceDate(at);
  return [
    `Received: from ${FRONT_END_INSIDE}\r\n (${FRONT_END_ADDRESS}) by ${BACK_END_INSIDE}\r\n (${BACK_END_ADDRESS}) with Microsoft SMTP Server id\r\n ${BUILD} via Frontend Transport;\r\n ${date}`,
    authenticationResults(facts),
    receivedSpf(authentication, verdict),
    `Received: from ${hello} (${clientAddress}) by\r\n ${FRONT_END_HOST} (${FRONT_END_ADDRESS}) with\r\n Microsoft SMTP Server${secured} id\r\n ${BUILD} via Frontend Transport; ${date}`,
  ];
}

/** As Exchange Online writes it: no authserv-id, and no space after the third semicolon. */
function authenticationResults({ verdict, authentication, authorDomain, arrival }: StampFacts): string {
  const { spf } = authentication;
  const mailFrom =
    spf.scope === 'mfrom'
      ? `smtp.mailfrom=${domainOf(arrival.returnPath)}`
      : `smtp.helo=${authentication.helo}`;
  const dkim = bestDkim(authentication);
  const composite =
    verdict.directionality === 'Incoming'
      ? `;compauth=${verdict.compauth}\r\n reason=${verdict.reason}`
      : ';';
  return (
    `Authentication-Results: spf=${verdict.spf} (sender IP is ${verdict.clientAddress})\r\n ${mailFrom};` +
    ` dkim=${dkimWord(dkim.result)} (${dkimText(dkim)})\r\n header.d=${dkim.domain ?? 'none'};` +
    `dmarc=${verdict.dmarc} action=${verdict.action}\r\n header.from=${authorDomain}${composite}`
  );
}

function dkimWord(result: string): string {
  if (result === 'temperror') return 'timeout';
  return result === 'pass' || result === 'none' ? result : 'fail';
}

/** The texts that were seen in real messages, spelling included. */
function dkimText({ result, reason = '' }: { result: string; reason?: string }): string {
  if (result === 'none') return 'message not signed';
  if (result === 'pass') return 'signature was verified';
  if (result === 'temperror') return 'key query timeout';
  if (reason === 'body-hash' || reason === 'length') return 'body hash did not verify';
  if (reason === 'expired') return 'signature timestamp exipred';
  if (reason === 'key-missing') return 'no key for signature';
  if (reason.startsWith('key-')) return 'invalid public key';
  return 'signature did not verify';
}

function receivedSpf({ spf, sender, helo }: Authentication, { clientAddress }: Verdict): string {
  const domain = spf.scope === 'mfrom' ? domainOf(sender) : helo;
  const service = 'protection.outlook.com';
  const trailer = `\r\n receiver=${service};\r\n client-ip=${clientAddress}; helo=${helo};`;
  switch (spf.result) {
    case 'pass':
      return `Received-SPF: Pass (${service}: domain of ${domain} designates\r\n ${clientAddress} as permitted sender)${trailer} pr=C`;
    case 'fail':
      return `Received-SPF: Fail (${service}: domain of ${domain} does not\r\n designate ${clientAddress} as permitted sender)${trailer}`;
    case 'softfail':
      return `Received-SPF: SoftFail (${service}: domain of transitioning\r\n ${domain} discourages use of ${clientAddress} as permitted sender)`;
    case 'neutral':
      return `Received-SPF: Neutral (${service}: ${clientAddress} is neither\r\n permitted nor denied by domain of ${domain})`;
    case 'none':
      return `Received-SPF: None (${service}: ${domain} does not\r\n designate permitted sender hosts)`;
    case 'temperror':
      return `Received-SPF: TempError (${service}: error in processing\r\n during lookup of ${domain}: DNS Timeout)`;
    case 'permerror':
      return `Received-SPF: PermError (${service}: domain of ${domain} used\r\n an invalid SPF mechanism)`;
  }
}

function bottomFields({ arrival, tenant, verdict, authentication }: StampFacts): string[] {
  const { networkMessageId, at, hello, clientAddress, returnPath } = arrival;
  const incoming = verdict.directionality === 'Incoming';
  const started = arrivalDate(at);
  return [
    `Return-Path: ${returnPath === '' ? '<>' : returnPath}`,
    `X-MS-Exchange-Organization-ExpirationStartTime: ${started}`,
    'X-MS-Exchange-Organization-ExpirationStartTimeReason: OriginalSubmit',
    `X-MS-Exchange-Organization-Network-Message-Id:\r\n ${networkMessageId}`,
    'X-EOPAttributedMessage: 0',
    `X-EOPTenantAttributedMessage: ${tenant.id}:0`,
    `X-MS-Exchange-Organization-MessageDirectionality: ${verdict.directionality}`,
    ...(verdict.directSend
      ? [
          'X-MS-Exchange-Organization-IsAnonymousDirectSend: True',
          'X-MS-Exchange-Organization-InternalOrgSender: True',
        ]
      : []),
    `X-MS-Exchange-Organization-MxPointsToUs: ${tenant.organization.mxPointsHere}`,
    'X-MS-PublicTrafficType: Email',
    `X-MS-TrafficTypeDiagnostic: ${FRONT_END}:EE_|${BACK_END}:EE_`,
    `X-MS-Office365-Filtering-Correlation-Id: ${networkMessageId}`,
    `X-MS-Exchange-Organization-AuthSource:\r\n ${FRONT_END_INSIDE}`,
    'X-MS-Exchange-Organization-AuthAs: Anonymous',
    `X-Sender-IP: ${clientAddress}`,
    `X-MS-Exchange-Organization-SCL: ${verdict.scl}`,
    'X-Microsoft-Antispam: BCL:0;',
    antispamReport(verdict, authentication),
    `X-MS-Exchange-CrossTenant-OriginalArrivalTime: ${started}`,
    `X-MS-Exchange-CrossTenant-Network-Message-Id: ${networkMessageId}`,
    `X-MS-Exchange-CrossTenant-Id: ${tenant.id}`,
    `X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp:\r\n TenantId=${tenant.id};\r\n Ip=[${clientAddress}];\r\n Helo=[${hello}]`,
    `X-MS-Exchange-CrossTenant-AuthSource:\r\n ${FRONT_END_INSIDE}`,
    'X-MS-Exchange-CrossTenant-AuthAs: Anonymous',
    `X-MS-Exchange-CrossTenant-FromEntityHeader: ${incoming ? 'Internet' : 'HybridOnPrem'}`,
    `X-MS-Exchange-Transport-CrossTenantHeadersStamped: ${BACK_END}`,
    'X-Postern-Lab: the fields of the service in this message were written by a lab',
  ];
}

function antispamReport(verdict: Verdict, { iprev }: Authentication): string {
  const { clientAddress, hello, scl, category, directionality, directSend } = verdict;
  const pointer = iprev.name ?? iprev.claimed[0] ?? 'InfoDomainNonexistent';
  const safety = category === 'SPOOF' ? `SFTY:9.${directSend ? '11' : '22'};` : '';
  return (
    `X-Forefront-Antispam-Report:\r\n CIP:${clientAddress};CTRY:;LANG:en;SCL:${scl};SRV:;IPV:NLI;` +
    `SFV:${scl >= 5 ? 'SPM' : 'NSPM'};\r\n H:${hello};PTR:${pointer};\r\n CAT:${category};${safety}SFS:;` +
    `DIR:${directionality === 'Incoming' ? 'INB' : 'INT'};`
  );
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1) || 'none';
}

function lines(fields: string[]): string {
  return fields.map((field) => `${field}\r\n`).join('');
}
