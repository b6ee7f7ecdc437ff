/** The month as files: in the formats that the lab writes, written by the lab, and in those of others. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import type { Told } from '../../../src/audit/facts/fact.ts';
import { domainOf } from '../../../src/message/envelope.ts';
import { historicalReport } from '../../../src/lab/trace/historical-search.ts';
import { detailRows, traceRows } from '../../../src/lab/trace/rows.ts';
import { DAY } from './chance.ts';
import { OWN, SECOND } from './company.ts';
import { eventRecord } from './email-events.ts';
import type { Month, MonthMail } from './month.ts';

/** How evidence is exported. */
export type ExportName =
  | 'trace'
  | 'details'
  | 'extended search'
  | 'enhanced search'
  | 'connector report'
  | 'EmailEvents'
  | 'stored mail'
  | 'DMARC reports'
  | 'Change Optics'
  | 'inbound report';

/** What a file says of a message that it counts: the same as what the audit is told. */
export type RowKey = string;

interface Part {
  month: Month;
  folder: string;
  /** In the order of time. */
  mail: readonly MonthMail[];
}

const WRITERS: Record<ExportName, (part: Part) => Promise<void>> = {
  trace: writeTrace,
  details: writeDetails,
  'extended search': (part) => search(part, 'MessageTraceDetail', part.mail),
  'enhanced search': (part) => search(part, 'MessageTrace', part.mail),
  'connector report': (part) =>
    search(
      part,
      'ConnectorReport',
      part.mail.filter(({ way }) => way === 'front-door'),
    ),
  EmailEvents: writeEvents,
  'stored mail': writeMail,
  'DMARC reports': writeDmarc,
  'Change Optics': writeOptics,
  'inbound report': writeInbound,
};

/** Writes files of one kind. @param share of the messages, the same ones in each kind for the same salt */
export async function writeExport(
  month: Month,
  name: ExportName,
  folder: string,
  { share = 1, salt = 0 }: { share?: number; salt?: number } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const chosen = ({ arrival }: MonthMail) =>
    (Number.parseInt(arrival.networkMessageId.slice(0, 6), 16) * (2 * salt + 1)) % 1009 < share * 1009;
  await WRITERS[name]({ month, folder, mail: share >= 1 ? month.mail : month.mail.filter(chosen) });
}

const isOwn = (address: string) => [OWN, SECOND].includes(domainOf(address));

/** A file a day, by turns as the script writes it and as Graph answers. */
async function writeTrace({ month, folder, mail }: Part): Promise<void> {
  for (const [day, ofDay] of byDay(month, mail)) {
    const rows = [];
    for (const { arrival } of ofDay) rows.push(...traceRows([arrival], {}, () => 'northwind'));
    const columns =
      'MessageTraceId MessageId Received SenderAddress RecipientAddress Subject Status ToIP FromIP Size';
    if (day % 2 === 0)
      await writeFile(
        path.join(folder, `messagetrace-${day}.csv`),
        stringify(rows, {
          columns: columns.split(' '),
          header: true,
          quoted: true,
          bom: true,
          record_delimiter: '\r\n',
        }),
      );
    else {
      const value = rows.map((row) => ({
        id: row.MessageTraceId,
        messageId: row.MessageId,
        receivedDateTime: row.Received,
        senderAddress: row.SenderAddress,
        recipientAddress: row.RecipientAddress,
        subject: row.Subject,
        status: row.Status.charAt(0).toLowerCase() + row.Status.slice(1),
        fromIP: row.FromIP,
        toIP: row.ToIP,
        size: row.Size,
      }));
      await writeFile(
        path.join(folder, `traces-${day}.json`),
        JSON.stringify({ '@odata.context': 'x', value }),
      );
    }
  }
}

/** Asked for, as by the script, where sender and recipient are own and there is an address. */
async function writeDetails({ month, folder, mail }: Part): Promise<void> {
  for (const [day, ofDay] of byDay(month, mail)) {
    const lines = ofDay
      .filter(({ arrival }) => isOwn(arrival.sender || arrival.returnPath) && arrival.clientAddress !== '')
      .flatMap(({ arrival }) =>
        arrival.recipients.flatMap(({ address }) =>
          detailRows([arrival], arrival.networkMessageId, address).map((row) =>
            JSON.stringify({ ...row, RecipientAddress: address }),
          ),
        ),
      );
    await writeFile(path.join(folder, `details-${day}.ndjson`), `${lines.join('\r\n')}\r\n`);
  }
}

async function search(
  { folder }: Part,
  reportType: 'MessageTrace' | 'MessageTraceDetail' | 'ConnectorReport',
  mail: readonly MonthMail[],
): Promise<void> {
  const { fileName, csv } = historicalReport(
    mail.map(({ arrival }) => arrival),
    {
      reportTitle: `month ${reportType}`,
      reportType,
      ...(reportType === 'ConnectorReport' && { connectorType: 'NoConnector', direction: 'Received' }),
    },
  );
  await writeFile(path.join(folder, fileName), csv);
}

/** By turns from the hunting page and from the stream. */
async function writeEvents({ month, folder, mail }: Part): Promise<void> {
  for (const [day, ofDay] of byDay(month, mail)) {
    // what was refused never came to Defender
    const records = ofDay.filter(({ arrival }) => arrival.accepted).map(eventRecord);
    if (day % 2 === 0)
      await writeFile(
        path.join(folder, `hunting-${day}.csv`),
        stringify(records, { header: true, cast: { boolean: String } }),
      );
    else
      await writeFile(
        path.join(folder, `PT${day}.json`),
        records
          .map((properties) =>
            JSON.stringify({
              time: properties.Timestamp,
              category: 'AdvancedHunting-EmailEvents',
              properties: Object.fromEntries(
                Object.entries(properties).map(([name, value]) => [name, value === '' ? null : value]),
              ),
            }),
          )
          .join('\r\n'),
      );
  }
}

/** What lies in mailboxes with an own author. */
async function writeMail({ month, folder, mail }: Part): Promise<void> {
  for (const [day, ofDay] of byDay(month, mail)) {
    const stored = ofDay.flatMap(({ arrival, content, truth }) =>
      content && truth.class !== 'background'
        ? [
            Buffer.from(`From MAILER-DAEMON ${new Date(arrival.at).toUTCString()}\n`),
            content,
            Buffer.from('\n'),
          ]
        : [],
    );
    if (stored.length > 0) await writeFile(path.join(folder, `mail-${day}.mbox`), Buffer.concat(stored));
  }
}

/** Microsoft's reports: none when the MX records lead elsewhere. */
async function writeDmarc({ month, folder, mail }: Part): Promise<void> {
  if (!month.organisation.tenant.organization.mxPointsHere) return;
  const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  for (const [day, ofDay] of byDay(month, mail))
    for (const own of [OWN, SECOND]) {
      const rows = new Map<RowKey, { one: MonthMail; count: number }>();
      for (const one of ofDay) {
        const { arrival, way } = one;
        if (way !== 'front-door' || domainOf(arrival.sender) !== own || !arrival.verdict) continue;
        const key = dmarcKey(month, one);
        const known = rows.get(key);
        if (known) known.count++;
        else rows.set(key, { one, count: 1 });
      }
      if (rows.size === 0) continue;
      const begin = (month.begin + day * DAY) / 1000;
      const records = [...rows.values()].map(({ one: { arrival, dkimDomain = '' }, count }) => {
        const { spf, dkim, dmarc, action } = arrival.verdict!;
        const envelope = arrival.returnPath === '' ? '' : domainOf(arrival.returnPath);
        const aligned = dkim === 'pass' && dmarc === 'pass' && (dkimDomain === own || spf !== 'pass');
        const signature =
          dkim === 'none'
            ? ''
            : `<dkim><domain>${dkimDomain || own}</domain><selector>s</selector><result>${dkim === 'pass' ? 'pass' : 'fail'}</result></dkim>`;
        return (
          `<record><row><source_ip>${arrival.clientAddress}</source_ip><count>${count}</count><policy_evaluated>` +
          `<disposition>${action.replace('oreject', 'reject')}</disposition><dkim>${aligned ? 'pass' : 'fail'}</dkim>` +
          `<spf>${dmarc === 'pass' && !aligned ? 'pass' : 'fail'}</spf></policy_evaluated></row><identifiers>` +
          `<envelope_to>${domainOf(arrival.recipients[0]!.address)}</envelope_to><envelope_from>${escape(envelope)}</envelope_from>` +
          `<header_from>${own}</header_from></identifiers><auth_results>${signature}` +
          `<spf><domain>${escape(envelope || arrival.hello)}</domain><scope>mfrom</scope><result>${spf}</result></spf>` +
          '</auth_results></record>'
        );
      });
      const xml =
        `<?xml version="1.0"?><feedback><version>1.0</version><report_metadata><org_name>Enterprise Outlook</org_name>` +
        `<email>dmarcreport@microsoft.com</email><report_id>${day}${own}</report_id><date_range><begin>${begin}</begin>` +
        `<end>${begin + 86_400}</end></date_range></report_metadata><policy_published><domain>${own}</domain><p>none</p>` +
        `</policy_published>${records.join('')}</feedback>`;
      await writeFile(
        path.join(folder, `protection.outlook.com!${own}!${begin}!${begin + 86_400}.xml.gz`),
        gzipSync(xml),
      );
    }
}

/** What tells a row of a report from others. */
export function dmarcKey(month: Month, { arrival, dkimDomain }: MonthMail): RowKey {
  const { clientAddress, returnPath, sender, recipients, verdict } = arrival;
  const dkim = verdict?.dkim ?? 'none';
  return rowKey({
    at: month.begin + Math.floor((arrival.at - month.begin) / DAY) * DAY,
    address: clientAddress,
    p1: returnPath === '' ? '' : `@${domainOf(returnPath)}`,
    p2: `@${domainOf(sender)}`,
    envelopeTo: domainOf(recipients[0]!.address),
    spf: verdict?.spf ?? '',
    dkim: dkim === 'none' || dkim === 'pass' ? dkim : 'fail',
    ...(dkim === 'pass' && dkimDomain !== undefined && { dkimDomain }),
  });
}

export function rowKey({ at, address, p1, p2, envelopeTo, spf, dkim, dkimDomain }: Told): RowKey {
  return JSON.stringify([at, address, p1, p2, envelopeTo, spf, dkim, dkimDomain]);
}

/** Samples of what the rule would refuse, in the words of the portal. */
async function writeOptics({ folder, mail }: Part): Promise<void> {
  const rows = mail
    .filter(
      ({ directSend, arrival }) => directSend && arrival.accepted && arrival.networkMessageId.startsWith('0'),
    )
    .map(({ arrival }) => ({
      'Message ID': arrival.messageId,
      Sender: arrival.returnPath,
      Recipient: arrival.recipients[0]!.address,
      Subject: arrival.subject,
      'Time Stamp': new Date(arrival.at)
        .toLocaleString('en-US', { timeZone: 'UTC' })
        .replaceAll('\u202f', ' '),
      Tag: 'DRS',
      Details: 'Message would be rejected by RejectDirectSend',
    }));
  await writeFile(path.join(folder, 'ChangeOptics.csv'), stringify(rows, { header: true, quoted: true }));
}

async function writeInbound({ month, folder, mail }: Part): Promise<void> {
  const rows = [...byDay(month, mail)].flatMap(([day, ofDay]) => {
    const volumes = new Map<string, number>();
    for (const { way, arrival } of ofDay) {
      if (way !== 'front-door') continue;
      const { connector } = arrival;
      const name = connector ? `From your org - ${connector.name}` : 'From the internet without a connector';
      volumes.set(name, (volumes.get(name) ?? 0) + 1);
    }
    return [...volumes].map(([name, volume]) => ({
      Date: new Date(month.begin + day * DAY).toISOString().slice(0, 10),
      'Connector direction and name': name,
      'Connector type': name.startsWith('From the internet') ? '' : 'Partner',
      'Forced TLS?': 'No',
      'TLS 1.2': volume,
      Volume: volume,
    }));
  });
  await writeFile(path.join(folder, 'InboundMessages.csv'), stringify(rows, { header: true, quoted: true }));
}

function byDay({ begin }: Month, mail: readonly MonthMail[]): Map<number, MonthMail[]> {
  const days = new Map<number, MonthMail[]>();
  for (const one of mail) {
    const day = Math.floor((one.arrival.at - begin) / DAY);
    const known = days.get(day);
    if (known) known.push(one);
    else days.set(day, [one]);
  }
  return days;
}
