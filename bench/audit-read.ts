/**
 * How fast evidence is read and in how much memory: a message trace, an extended historical search or EmailEvents of any
 * size is written, and read to its end.
 *
 *     node bench/audit-read.ts --rows 10000000 --kind trace --encoding utf-16le
 *
 * Prints JSON lines: rows and MB a second, and the most memory that was resident. `--keep` leaves the file.
 */
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readEvidence } from '../src/audit/evidence/read-evidence.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    kind: { type: 'string', default: 'trace' },
    encoding: { type: 'string', default: 'utf-16le' },
    file: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

const EXTENDED =
  'date_time_utc,client_ip,client_hostname,server_ip,server_hostname,source_context,connector_id,source,event_id,internal_message_id,message_id,network_message_id,recipient_address,recipient_status,total_bytes,recipient_count,related_recipient_address,reference,message_subject,sender_address,return_path,message_info,directionality,tenant_id,original_client_ip,original_server_ip,custom_data';

interface Writer {
  header: string;
  row(place: number): string;
}

const START = Date.UTC(2026, 8, 1);

/** The same rows in every run. */
function values(place: number): {
  at: Date;
  sender: string;
  recipient: string;
  address: string;
  guid: string;
} {
  const hash = Math.imul(place + 1, 0x9e3779b1) >>> 0;
  return {
    at: new Date(START + place * 250),
    sender: hash % 10 < 3 ? `scanner-${hash % 400}@contoso.com` : `person${hash % 20_000}@example.org`,
    recipient: `user${(hash >>> 7) % 30_000}@contoso.com`,
    address: `203.0.${(hash >>> 9) % 250}.${hash % 250}`,
    guid: `${hash.toString(16).padStart(8, '0')}-0000-4000-8000-${place.toString(16).padStart(12, '0')}`,
  };
}

const WRITERS: Record<string, Writer> = {
  trace: {
    header:
      'MessageTraceId,MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size,StartDate,EndDate,Index',
    row(place) {
      const { at, sender, recipient, address, guid } = values(place);
      return `"${guid}","<${guid}@mx.example.org>","${at.toISOString()}","${sender}","${recipient}","Scan from floor ${place % 97}, page ${place % 7}","Delivered","","${address}","${1000 + (place % 90_000)}","2026-09-01","2026-09-11","${place}"`;
    },
  },
  extended: {
    header: EXTENDED,
    row(place) {
      const { at, sender, recipient, address, guid } = values(Math.floor(place / 4));
      const [source, event] = [
        ['SMTP', 'RECEIVE'],
        ['AGENT', 'AGENTINFO'],
        ['DNS', 'HARECEIVE'],
        ['STOREDRIVER', 'DELIVER'],
      ][place % 4]!;
      return `"${at.toISOString()}","10.0.0.1","FE","10.0.0.2","BE","ctx;1","BE\\Default BE","${source}","${event}","1","<${guid}@x>","${guid}","${recipient}","","2000","1","","","Subject ""${place}"", with comma","${sender}","${sender}","0cI: ","Incoming","${guid}","${address}","10.0.0.3","S:ProxyHop1=FE(10.0.0.1);S:tlsversion=SP_PROT_TLS1_3_SERVER;S:ProxiedClientIPAddress=${address};S:ProxiedClientHostname=MFP"`;
    },
  },
  'email-events': {
    header:
      'Timestamp,NetworkMessageId,InternetMessageId,SenderMailFromAddress,SenderFromAddress,SenderIPv4,RecipientEmailAddress,Subject,EmailDirection,DeliveryAction,AuthenticationDetails,Connectors',
    row(place) {
      const { at, sender, recipient, address, guid } = values(place);
      return `"${at.toISOString()}","${guid}","<${guid}@x>","${sender}","${sender}","${address}","${recipient}","Scan ${place}","Inbound","Delivered","{""SPF"":""pass"",""DKIM"":""none"",""DMARC"":""pass"",""CompAuth"":""pass""}",""`;
    },
  },
};

const folder = mkdtempSync(path.join(tmpdir(), 'postern-audit-'));
const file = options.file ?? path.join(folder, `${options.kind}.csv`);
try {
  if (options.file === undefined) await write(file, Number(options.rows));
  await read(file);
} finally {
  if (!options.keep) rmSync(folder, { recursive: true, force: true });
  else console.log(file);
}

async function write(name: string, rows: number): Promise<void> {
  const writer = WRITERS[options.kind];
  if (!writer) throw new Error(`--kind is one of ${Object.keys(WRITERS).join(', ')}`);
  const encoding = options.encoding === 'utf-16le' ? 'utf16le' : 'utf8';
  const out = createWriteStream(name);
  let text = `${writer.header}\r\n`;
  for (let place = 0; place < rows; place++) {
    text += `${writer.row(place)}\r\n`;
    if (text.length < 1_000_000 && place + 1 < rows) continue;
    if (!out.write(Buffer.from(text, encoding))) await once(out, 'drain');
    text = '';
  }
  out.end();
  await once(out, 'finish');
}

async function read(name: string): Promise<void> {
  const megabytes = statSync(name).size / 1e6;
  const started = performance.now();
  const cpu = process.cpuUsage();
  let observations = 0;
  let most = 0;
  for await (const progress of readEvidence([name], {}, (batch) => {
    observations += batch.length;
  })) {
    if (progress.type === 'progress') most = Math.max(most, process.memoryUsage.rss());
    if (progress.type !== 'file') continue;
    const { kind, encoding, rows, used, refused } = progress.report;
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    console.log(
      JSON.stringify({
        kind,
        encoding,
        megabytes: Math.round(megabytes),
        rows,
        used,
        refused,
        observations,
        seconds: Number(seconds.toFixed(1)),
        cpuSeconds: Number(((user + system) / 1e6).toFixed(1)),
        rowsPerSecond: Math.round(rows / seconds),
        megabytesPerSecond: Math.round(megabytes / seconds),
        residentMegabytes: Math.round(most / 1e6),
      }),
    );
  }
}
