import type { TableKind } from '../kinds.ts';
import type { Observation } from '../observation.ts';
import type { Built, EvidenceRecord } from '../record.ts';
import { fromEmailEvents } from './defender.ts';
import { fromChangeOptics, fromConnectorReport, fromInboundReport } from './reports.ts';
import { fromDetail, fromEnhanced, fromExtended, fromTrace } from './trace.ts';

/** How a record of each kind becomes observations. */
export const BUILDERS: Record<TableKind, (record: EvidenceRecord, file: number) => Built<Observation>> = {
  trace: fromTrace,
  'trace-detail': fromDetail,
  'trace-extended': fromExtended,
  'trace-enhanced': fromEnhanced,
  'connector-report': fromConnectorReport,
  'change-optics': fromChangeOptics,
  'email-events': fromEmailEvents,
  'inbound-report': fromInboundReport,
};

/**
 * Documented columns that say nothing about how a message came in, by plain name: they are not kept. A column that is
 * not documented is.
 */
export const UNUSED: ReadonlySet<string> = new Set([
  // message trace
  'toip',
  'startdate',
  'enddate',
  'organization',
  'index',
  'pscomputername',
  'runspaceid',
  'psshowcomputername',
  'odatatype',
  'odatacontext',
  'odataid',
  'odataetag',
  // historical search
  'serverip',
  'serverhostname',
  'sourcecontext',
  'internalmessageid',
  'recipientcount',
  'relatedrecipientaddress',
  'reference',
  'messageinfo',
  'tenantid',
  'originalserverip',
  'deliverypriority',
  'clientip',
  'clienthostname',
  // EmailEvents
  'senderdisplayname',
  'senderobjectid',
  'sendermailfromdomain',
  'senderfromdomain',
  'recipientobjectid',
  'emailclusterid',
  'confidencelevel',
  'emailactionpolicyguid',
  'reportid',
  'recipientdomain',
  'isfirstcontact',
  'additionalfields',
  'to',
  'cc',
  'timegenerated',
  'sourcesystem',
  'latestdeliverylocation',
  'latestdeliveryaction',
]);
