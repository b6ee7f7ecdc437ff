/** The front door of a running lab over real SMTP: the matrix of what Exchange Online decides, and what can be seen of it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ADDRESSES } from '../../src/lab/world.ts';
import { type StartedLab, startLab } from '../../src/lab-start.ts';
import { endWithProcess } from '../support/end-with-process.ts';
import { BOSS, CASES, DIRECT_SEND, OWN, TAKEN } from '../support/lab-matrix.ts';
import { cleanEnvironment, POSTERN } from '../support/relay-child.ts';
import { plainMessage, SmtpDialogue } from '../support/smtp-dialogue.ts';
import { postern, until } from '../support/story-relay.ts';

function message(headerFrom: string | null, more: string[] = []): string {
  return plainMessage([
    ...more,
    ...(headerFrom === null ? [] : [`From: ${headerFrom}`]),
    `To: ${BOSS}`,
    'Subject: =?utf-8?q?Caf=C3=A9?=, "quoted"',
    `Message-ID: <${Math.random().toString(36).slice(2)}@client.test>`,
    'Date: Mon, 23 Nov 2026 08:00:00 +0000',
  ]);
}

describe('the lab decides as Exchange Online does', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-lab-'));
  let started: StartedLab;

  before(async () => {
    started = await startLab({ data: folder, language: 'en', firstPort: 0 });
  });
  after(async () => {
    await started.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const client = async (address: string = ADDRESSES.attacker): Promise<SmtpDialogue> => {
    const dialogue = await SmtpDialogue.connect(started.lab.frontDoor.proxiedPort, {
      clientAddress: address,
    });
    await dialogue.hello();
    return dialogue;
  };

  for (const one of CASES) {
    test(`${one.number}: ${one.title}`, async () => {
      const { lab } = started;
      await lab.reset();
      await lab.set('RejectDirectSend', one.rejectDirectSend);
      for (const [name, value] of Object.entries(one.settings ?? {})) await lab.set(name, value);
      for (const connector of one.connectors ?? []) await lab.setConnector(connector);
      for (const domain of one.domains ?? []) await lab.setDomain(domain);
      const dialogue = await client(one.address);
      if (one.tls !== undefined) {
        const own = one.tls === true ? undefined : await lab.clientCertificate(one.tls);
        await dialogue.startTls(own && { cert: own.certificate, key: own.privateKey });
        await dialogue.hello();
      }
      assert.match(await dialogue.say(`MAIL FROM:<${one.from}>`), /^250 2\.1\.0 Sender OK$/);
      const recipient = await dialogue.say(`RCPT TO:<${one.to ?? BOSS}>`);
      if (one.at === 'rcpt') {
        assert.match(recipient, one.expect);
        assert.deepEqual(lab.trace(), [], 'what is refused at RCPT leaves no trace');
        dialogue.destroy();
        return;
      }
      assert.match(recipient, /^250 2\.1\.5 Recipient OK$/);
      assert.match(await dialogue.say('DATA'), /^354 Start mail input; end with <CRLF>\.<CRLF>$/);
      const author = one.headerFrom === undefined ? one.from : one.headerFrom;
      dialogue.write(message(author));
      assert.match(await dialogue.say('.'), one.expect);
      dialogue.destroy();

      const stored = lab.messages();
      const [row] = lab.trace();
      if (one.landed === undefined) {
        assert.deepEqual(stored, []);
        assert.equal(row?.Status, 'Failed');
        const [, failed] = lab.traceDetail(row.MessageTraceId, row.RecipientAddress);
        assert.match(failed?.Detail ?? '', /^Reason: \[\{LED=550 5\.7\./);
        return;
      }
      const { folder: place, ...verdict } = one.landed;
      const [entry] = stored;
      assert.ok(entry);
      if (place !== undefined) assert.equal(entry.folder, place);
      for (const [name, value] of Object.entries(verdict))
        assert.deepEqual(entry.verdict[name as keyof typeof verdict], value, name);
      const [received] = lab.traceDetail(row?.MessageTraceId ?? '', row?.RecipientAddress ?? '');
      assert.equal(received?.Data.includes('InboundConnectorData'), entry.verdict.connector !== undefined);
    });
  }

  test('what only the service may write is taken out, and written by it', async () => {
    const { lab } = started;
    await lab.reset();
    const dialogue = await client();
    const forged = [
      'X-MS-Exchange-Organization-SCL: -1',
      'X-MS-Exchange-Organization-AuthAs: Internal',
      'X-Forefront-Antispam-Report: SFV:SKI;',
      'Authentication-Results: spf=pass dmarc=pass compauth=pass reason=100',
      'Authentication-Results-Original: forged',
      'Return-Path: <forged@contoso.test>',
    ];
    assert.match(await dialogue.send({ from: OWN, to: [BOSS], content: message(OWN, forged) }), TAKEN);
    dialogue.destroy();
    const [entry] = lab.messages();
    const head = (await lab.content(entry?.id ?? '')).content.toString().split('\r\n\r\n', 1)[0] ?? '';
    const fields = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
    const valuesOf = (name: string) =>
      fields.flatMap((field) => (field.startsWith(`${name}: `) ? field.slice(name.length + 2) : []));
    assert.deepEqual(valuesOf('X-MS-Exchange-Organization-SCL'), ['1']);
    assert.deepEqual(valuesOf('X-MS-Exchange-Organization-AuthAs'), ['Anonymous']);
    assert.deepEqual(valuesOf('X-MS-Exchange-Organization-MessageDirectionality'), ['Incoming']);
    assert.deepEqual(valuesOf('X-MS-Exchange-Organization-IsAnonymousDirectSend'), ['True']);
    assert.deepEqual(valuesOf('Return-Path'), [OWN]);
    assert.deepEqual(valuesOf('Authentication-Results-Original'), [
      'spf=pass dmarc=pass compauth=pass reason=100',
    ]);
    assert.deepEqual(valuesOf('Authentication-Results'), [
      `spf=softfail (sender IP is ${ADDRESSES.attacker}) smtp.mailfrom=contoso.test; dkim=none (message not signed) header.d=none;dmarc=fail action=none header.from=contoso.test;compauth=fail reason=601`,
    ]);
    assert.match(
      valuesOf('X-Forefront-Antispam-Report')[0] ?? '',
      /^CIP:198\.51\.100\.66;.*;SCL:1;.*SFV:NSPM; H:client\.test;PTR:InfoDomainNonexistent; CAT:NONE;SFS:;DIR:INB;$/,
    );
    const [, frontDoor = ''] = valuesOf('Received');
    assert.match(
      frontDoor,
      /^from client\.test \(198\.51\.100\.66\) by LAB\w+\.mail\.protection\.outlook\.com \([\d.]+\) with Microsoft SMTP Server id [\d.]+ via Frontend Transport; /,
    );
  });

  test('it greets and answers in the words of the service', async () => {
    const dialogue = new SmtpDialogue(net.connect(started.lab.frontDoor.port, '127.0.0.1'));
    assert.match(
      await dialogue.reply(),
      /^220 LAB\w+\.mail\.protection\.outlook\.com Microsoft ESMTP MAIL Service ready at \w{3}, \d{1,2} \w{3} \d{4} [\d:]{8} \+0000$/,
    );
    const [first = '', ...keywords] = (await dialogue.hello()).split('\n');
    assert.match(first, /^250-LAB\w+\.mail\.protection\.outlook\.com Hello \[127\.0\.0\.1\]$/);
    assert.deepEqual(
      keywords.map((line) => line.slice(4).replace(/ .*/, '')),
      'SIZE PIPELINING DSN ENHANCEDSTATUSCODES STARTTLS 8BITMIME BINARYMIME CHUNKING SMTPUTF8'.split(' '),
    );
    assert.equal(await dialogue.say('WHO'), '500 5.3.3 Unrecognized command');
    assert.equal(await dialogue.say('EHLO'), '501 5.5.4 Invalid domain name');
    assert.equal(await dialogue.say('DATA'), '503 5.5.2 Need rcpt command');
    assert.equal(await dialogue.say('STARTTLS'), '220 2.0.0 SMTP server ready');
    dialogue.destroy();
  });

  test('refusals at RCPT, when that is set', async () => {
    const { lab } = started;
    await lab.reset();
    await lab.set('RejectDirectSend', true);
    await lab.set('RefuseAt', 'recipient');
    const dialogue = await client();
    await dialogue.say(`MAIL FROM:<${OWN}>`);
    assert.match(await dialogue.say(`RCPT TO:<${BOSS}>`), DIRECT_SEND);
    dialogue.destroy();
  });

  test('the printer that has moved to the relay gets through, signed and by its connector', async () => {
    const { lab } = started;
    await lab.reset();
    await lab.set('RejectDirectSend', true);
    await lab.set('DmarcPolicy', 'reject');
    const { relay } = lab;
    const dialogue = await SmtpDialogue.connect(relay.port);
    await dialogue.hello();
    await dialogue.startTls();
    await dialogue.hello();
    assert.match(await dialogue.login(relay.account, relay.password), /^235/);
    assert.match(
      await dialogue.send({ from: relay.from, to: [BOSS], content: message(relay.from) }),
      /^250 2\.0\.0 \w+ queued$/,
    );
    dialogue.destroy();
    await until('the message has come', () => lab.messages().length > 0);
    const [entry] = lab.messages();
    assert.equal(entry?.folder, 'Inbox');
    const { connector, clientAddress, spf, dkim, dmarc, compauth, directSend } = entry.verdict;
    assert.deepEqual(
      { connector, clientAddress, spf, dkim, dmarc, compauth, directSend },
      {
        connector: 'Postern relay',
        clientAddress: ADDRESSES.relay,
        spf: 'pass',
        dkim: 'pass',
        dmarc: 'pass',
        compauth: 'pass',
        directSend: false,
      },
    );
  });

  test('reports are of what has happened, as they come from Microsoft', async () => {
    const { lab } = started;
    await lab.reset();
    const dialogue = await client(ADDRESSES.printer);
    assert.match(
      await dialogue.send({ from: OWN, to: [BOSS, 'invoices@contoso.test'], content: message(OWN) }),
      TAKEN,
    );
    await lab.set('RejectDirectSend', true);
    assert.match(await dialogue.send({ from: OWN, to: [BOSS], content: message(OWN) }), DIRECT_SEND);
    dialogue.destroy();
    const report = (search: Omit<Parameters<typeof lab.historicalSearch>[0], 'reportTitle'>) => {
      const { csv } = lab.historicalSearch({ reportTitle: 'story', ...search });
      assert.equal(csv[1], 0, 'UTF-16, little endian, without a mark');
      const [head = '', ...rows] = csv.toString('utf16le').trimEnd().split('\r\n');
      return { columns: head.replaceAll('"', '').split(','), rows };
    };
    const extended = report({ reportType: 'MessageTraceDetail' });
    assert.equal(extended.columns.length, 27);
    assert.equal(extended.columns.at(-1), 'custom_data');
    // received, looked at, delivered twice; received, failed
    assert.equal(extended.rows.length, 6);
    assert.match(extended.rows[0] ?? '', /"Café, ""quoted"""/);
    assert.match(
      extended.rows[0] ?? '',
      /S:ProxiedClientIPAddress=203\.0\.113\.25;S:ProxiedClientHostname=client\.test/,
    );
    assert.equal(report({ reportType: 'MessageTrace' }).rows.length, 2);
    const anonymous = report({ reportType: 'ConnectorReport', connectorType: 'NoConnector' });
    assert.equal(anonymous.columns[3], 'sender_address');
    assert.equal(anonymous.rows.length, 3);
    assert.equal(report({ reportType: 'ConnectorReport', connectorType: 'Partner' }).rows.length, 0);
    assert.throws(() => report({ reportType: 'ConnectorReport' }), { kind: 'invalid' });

    assert.equal(lab.trace({ status: 'Failed' }).length, 1);
    assert.equal(lab.trace({ recipient: 'invoices@contoso.test' }).length, 1);
    assert.equal(lab.trace({ sender: '*@CONTOSO.test' }).length, 3);
    assert.equal(lab.trace({ resultSize: 2 }).length, 2);
    assert.deepEqual(lab.traceDetail(lab.trace()[0]?.MessageTraceId ?? '', 'somebody@else.test'), []);
  });
});

describe('postern lab', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-lab-cli-'));
  let child: ChildProcess;

  const start = async (): Promise<void> => {
    const address = path.join(folder, 'postern-lab', 'api-address');
    rmSync(address, { force: true });
    child = spawn(process.execPath, [POSTERN, 'lab', 'start', '--port', '0'], {
      cwd: folder,
      env: cleanEnvironment(),
      stdio: 'ignore',
    });
    endWithProcess(child, 'SIGKILL');
    await until('the lab is ready', () => existsSync(address), 60_000);
  };
  const lab = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await postern(['lab', ...args], { cwd: folder });
    assert.equal(code, 0, err);
    return out;
  };

  before(start);
  after(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('settings in both spellings, connectors, trace, and all of it after a restart', async () => {
    await lab('set-organizationconfig', '-rejectdirectsend:$true');
    assert.deepEqual(JSON.parse(await lab('Get-OrganizationConfig', '--json')), [
      { Name: 'contoso', RejectDirectSend: true },
    ]);
    await lab('set', 'rejectdirectsend', 'false');
    const scanners =
      'New-InboundConnector -Name Scanners -ConnectorType Partner -SenderDomains contoso.test -SenderIPAddresses 203.0.113.0/24 -RequireTls $false';
    await lab(...scanners.split(' '));
    await lab('Set-AcceptedDomain', '-Identity', 'contoso.test', '-MatchSubDomains', '$true');
    const refused = await postern(['lab', 'New-InboundConnector', '-Name', 'X', '-ConnectorType', 'Other'], {
      cwd: folder,
    });
    assert.equal(refused.code, 2);
    assert.match(refused.err, /-ConnectorType: expected Partner or OnPremises/);

    await lab('dns', '_dmarc.contoso.test', 'txt', 'v=DMARC1; p=quarantine');
    assert.match(await lab('settings'), /DmarcPolicy +quarantine/);
    assert.equal(
      await lab('dns', '_dmarc.contoso.test', 'TXT', '--remove'),
      '_dmarc.contoso.test has no TXT record.\n',
    );
    const { frontDoor } = JSON.parse(await lab('status', '--json')) as { frontDoor: { port: number } };
    const dialogue = await SmtpDialogue.connect(frontDoor.port);
    await dialogue.hello();
    assert.match(await dialogue.send({ from: BOSS, to: [BOSS], content: message(BOSS) }), TAKEN);
    dialogue.destroy();
    const [entry] = JSON.parse(await lab('inbox', BOSS, '--json')) as { id: string }[];
    assert.match(await lab('show', entry?.id ?? ''), /Direct Send/);
    assert.match(await lab('show', entry?.id ?? '', '--raw'), /compauth=fail\r\n reason=601/);

    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    await start();
    const rows = JSON.parse(await lab('Get-MessageTraceV2', '--json')) as { Status: string }[];
    assert.deepEqual(
      rows.map(({ Status }) => Status),
      ['Delivered'],
    );
    const [connector] = JSON.parse(await lab('Get-InboundConnector', '-Identity', 'scanners', '--json')) as {
      SenderIPAddresses: string[];
    }[];
    assert.deepEqual(connector?.SenderIPAddresses, ['203.0.113.0/24']);
    assert.match(await lab('Get-AcceptedDomain'), /MatchSubDomains +True/);
    await lab(
      'Start-HistoricalSearch',
      '-ReportTitle',
      'Direct',
      '-ReportType',
      'ConnectorReport',
      '-ConnectorType',
      'NoConnector',
    );
    assert.match(
      readFileSync(path.join(folder, 'Direct.csv')).toString('utf16le'),
      /anna\.keller@contoso\.test/,
    );

    await lab('reset', '--yes');
    assert.match(await lab('inbox'), /Nothing has arrived yet/);
  });
});
