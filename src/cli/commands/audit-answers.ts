import type { Command } from 'commander';
import type { SenderLine } from '../../audit/inventory/line.ts';
import type { MessageProof } from '../../audit/inventory/proofs.ts';
import type { SenderNote } from '../../audit/inventory/notes.ts';
import { AUDIT_FOLDER, type AuditOptions, withAudit } from '../audit-folder.ts';
import { usage } from '../failure.ts';
import { type Output, when } from '../output.ts';
import { wholeNumber } from '../values.ts';

const NAME = 36;
const SOME = 12;

interface ListOptions extends AuditOptions {
  all?: boolean;
  wave?: string;
  class?: string;
  limit: string;
}

interface DecideOptions extends AuditOptions {
  owner?: string;
  wave?: string;
  note?: string;
  approve?: boolean;
  migrated?: boolean;
  ignore?: boolean;
  block?: boolean;
  undecide?: boolean;
}

/** What the last run has found, as it is with the decisions of today. */
export function auditAnswerCommands(audit: Command): void {
  const command = (name: string, description: string): Command =>
    audit
      .command(name)
      .description(description)
      .option('--folder <folder>', 'where the audit is kept', AUDIT_FOLDER)
      .option('--json', 'answer in JSON');

  command('senders', 'the senders that use Direct Send, one line each')
    .option('--all', 'also those that the rule does not touch')
    .option('--wave <number>', 'only those of a wave')
    .option('--class <class>', 'only those of a class: device, service, attack, ...')
    .option('--limit <count>', 'how many', '200')
    .action(senders);
  command('sender <sender>', 'one sender with its proof and way out, by its id or name').action(sender);
  command('campaigns', 'attacks: many forged messages that belong together').action(campaigns);
  command('gate', 'whether it is safe to switch on, for each accepted domain').action(gate);
  command('timeline', 'Direct Send and abuse by day').action(timeline);
  command('files', 'what became of each file of evidence').action(files);
  command('decisions', 'who decided what, the newest first').action(decisions);
  command('decide <sender>', 'say what shall become of a sender; it survives the next run')
    .option('--approve', 'it may go on sending, by another way')
    .option('--migrated', 'it has been moved: its mail must come over a connector now')
    .option('--ignore', 'what it sends may break')
    .option('--block', 'it shall break')
    .option('--undecide', 'nothing is decided any more')
    .option('--owner <address>', 'who is responsible')
    .option('--wave <number>', 'in which wave it is moved')
    .option('--note <text>', 'anything else')
    .action(decideOn);
}

async function senders(options: ListOptions): Promise<void> {
  const { SENDER_CLASSES } = await import('../../audit/classify/class-rules.ts');
  const { currentAnswer } = await import('../../audit/run/review.ts');
  const wave = options.wave === undefined ? undefined : wholeNumber('--wave', options.wave);
  const limit = wholeNumber('--limit', options.limit);
  if (options.class !== undefined && !SENDER_CLASSES.some((one) => one === options.class))
    throw usage(
      `--class: there is no ${JSON.stringify(options.class)}; classes are ${SENDER_CLASSES.join(', ')}`,
    );
  await withAudit(options, async (book, out) => {
    const { answer } = await currentAnswer(book);
    const found = answer.senders.filter(
      (line) =>
        (options.all || line.directSend !== 'no' || line.class === 'attack') &&
        (wave === undefined || line.wave === wave) &&
        (options.class === undefined || line.class === options.class),
    );
    const shown = found.slice(0, limit);
    out.answer(shown, () => {
      out.table(
        ['ID', 'NAME', 'CLASS', 'A DAY', 'WAVE', 'DECISION'],
        shown.map(({ id, name, candidates, class: kind, directSend, messages, wave: number, note }) => [
          id,
          name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name,
          `${kind}${candidates.length > 1 ? '~' : ''}${directSend === 'candidate' ? '?' : ''}`,
          String(messages.perDay),
          number === undefined ? '' : String(number),
          note?.decision ?? '',
        ]),
        'No sender of Direct Send was found.',
      );
      if (found.length > shown.length)
        out.note(`${found.length - shown.length} more: --limit ${found.length}`);
    });
  });
}

async function sender(text: string, options: AuditOptions): Promise<void> {
  const { currentAnswer, senderNamed } = await import('../../audit/run/review.ts');
  await withAudit(options, async (book, out) => {
    const stored = await currentAnswer(book);
    const line = senderNamed(stored, text);
    const proofs = stored.answer.proofs[line.id] ?? [];
    const { WOULD_TELL } = await import('../../audit/inventory/asks.ts');
    const wouldTell = line.lacks.map((lack) => WOULD_TELL[lack]).join('\n');
    out.answer({ ...line, proofs }, () => show(out, line, proofs, wouldTell));
  });
}

function show(out: Output, line: SenderLine, proofs: readonly MessageProof[], wouldTell: string): void {
  const { wayOut, note, messages, recipients } = line;
  const list = (values: readonly string[]): string => values.slice(0, SOME).join(', ');
  const table = (counts: Record<string, number>): string =>
    list(Object.entries(counts).map(([name, count]) => `${name} (${count})`));
  out.heading(`${line.name}: ${line.class}, Direct Send ${line.directSend}`);
  out.fields([
    ['id', line.id],
    ['decision', note?.decision],
    ['owner', note?.owner],
    ['note', note?.text],
    [
      'messages',
      `${messages.total}, ${messages.perDay} a day; ${messages.proven} proven, ${messages.candidates} candidates`,
    ],
    ['seen', `${when(line.first)} to ${when(line.last)}, ${line.rhythm.pattern}`],
    ['addresses', list(line.addresses)],
    ['calls itself', list(line.helos)],
    ['reverse DNS', list(line.names)],
    ['TLS', table(line.tls)],
    ['envelope', list(line.senders)],
    ['authors', list(line.authors)],
    ['recipients', `${recipients.count}${recipients.more ? '+' : ''}: ${list(recipients.some)}`],
    ['subjects', line.subjects.join('\n')],
    ['SPF', table(line.authentication.spf)],
    ['DKIM', table(line.authentication.dkim)],
    ['DMARC', table(line.authentication.dmarc)],
    ['class because', line.reasons.join('\n')],
    ['may also be', line.candidates.filter((one) => one !== line.class).join(', ')],
    ['would tell', wouldTell],
    ['abuse', line.abuse.reasons.join('\n')],
    ['evidence', table(line.evidence)],
    ['not told', table(line.missing)],
    ['way out', `${wayOut.kind}${line.wave === undefined ? '' : `, wave ${line.wave}`}\n${wayOut.why}`],
  ]);
  if ('powershell' in wayOut && wayOut.powershell) out.line(`\n${wayOut.powershell}`);
  for (const { why, told } of proofs) {
    out.line();
    out.heading(why);
    out.fields(told.map(({ field, value, from }) => [field, `${value}  [${from}]`]));
  }
}

async function campaigns(options: AuditOptions): Promise<void> {
  const { currentAnswer } = await import('../../audit/run/review.ts');
  await withAudit(options, async (book, out) => {
    const { answer } = await currentAnswer(book);
    out.answer(answer.campaigns, () => {
      for (const one of answer.campaigns) {
        out.heading(
          `${one.id}: ${one.messages} messages to ${one.recipients} recipients, ${one.self} to themselves`,
        );
        out.fields([
          ['from', `${when(one.first)} to ${when(one.last)}`],
          ['networks', one.places.slice(0, SOME).join(', ')],
          ['subjects', one.subjects.slice(0, SOME).join('\n')],
          ['attachments', one.attachments.slice(0, SOME).join('\n')],
        ]);
      }
      if (answer.campaigns.length === 0) out.line('No campaign was found.');
    });
  });
}

async function gate(options: AuditOptions): Promise<void> {
  const { currentAnswer } = await import('../../audit/run/review.ts');
  await withAudit(options, async (book, out) => {
    const { answer } = await currentAnswer(book);
    out.answer({ gates: answer.gates, effects: answer.effects }, () => {
      for (const { text, confidence } of answer.gates) {
        out.heading(text);
        out.line(`  reliability of this answer: ${Math.round(confidence * 100)} %`);
      }
      out.line();
      out.table(
        ['DOMAIN', 'REFUSED', 'PERHAPS', 'WITH SUBDOMAINS', 'NOT TOUCHED'],
        answer.effects.map(({ domain, refused, perhaps, withSubdomains, untouched }) => [
          domain,
          String(refused),
          String(perhaps),
          `+${withSubdomains}`,
          String(untouched),
        ]),
        'No domain is known.',
      );
      out.line();
      for (const blind of answer.coverage.blind) out.note(blind);
    });
  });
}

async function timeline(options: AuditOptions): Promise<void> {
  const { currentAnswer } = await import('../../audit/run/review.ts');
  await withAudit(options, async (book, out) => {
    const { answer } = await currentAnswer(book);
    const days = answer.timeline.map(({ day, ...counts }) => ({
      day: new Date(day * 86_400_000).toISOString().slice(0, 10),
      ...counts,
    }));
    out.answer(days, () =>
      out.table(
        ['DAY (UTC)', 'PROVEN', 'CANDIDATES', 'ABUSE'],
        days.map(({ day, proven, candidates, abusive }) => [
          day,
          String(proven),
          String(candidates),
          String(abusive),
        ]),
        'No message of Direct Send has a time.',
      ),
    );
  });
}

async function files(options: AuditOptions): Promise<void> {
  const { currentAnswer } = await import('../../audit/run/review.ts');
  await withAudit(options, async (book, out) => {
    const { files: reports } = await currentAnswer(book);
    out.answer(reports, () => {
      for (const { name, kind, outcome, rows, used, refused, reasons, notes, question } of reports) {
        out.heading(name);
        out.fields([
          ['result', `${outcome}${kind === undefined ? '' : `, ${kind}`}`],
          ['rows', `${rows}, ${used} used, ${refused} refused`],
          [
            'refused for',
            Object.entries(reasons)
              .map(([reason, count]) => `${reason} (${count})`)
              .join('\n'),
          ],
          ['missing', question?.missing.join(', ')],
          ['columns', question?.columns.slice(0, 40).join(', ')],
          ['notes', notes.join('\n')],
        ]);
      }
    });
  });
}

async function decisions(options: AuditOptions): Promise<void> {
  await withAudit(options, async (book, out) => {
    const { senderId } = await import('../../audit/inventory/inventory.ts');
    const found = await book.decisions.list({ limit: 500 });
    out.answer(
      found.map((one) => ({ ...one, sender: senderId(one.sender) })),
      () =>
        out.table(
          ['WHEN', 'WHO', 'SENDER', 'NAME', 'BEFORE', 'AFTER'],
          found.map(({ at, by, sender: key, name, before, after }) => [
            when(at),
            by,
            senderId(key),
            name.slice(0, NAME),
            before?.decision ?? '',
            after.decision ?? '',
          ]),
          'Nothing was decided yet.',
        ),
    );
  });
}

/** Who gives the command, as the machine knows it; the audit has no people of its own. */
async function onThisMachine(): Promise<string> {
  const { hostname, userInfo } = await import('node:os');
  let name = '';
  try {
    name = userInfo().username;
  } catch {
    name = `user ${process.getuid?.() ?? 'unknown'}`;
  }
  return `${name} on ${hostname()}, by command line`;
}

async function decideOn(text: string, options: DecideOptions): Promise<void> {
  const { currentAnswer, decide, senderNamed } = await import('../../audit/run/review.ts');
  const { approve, block, ignore, migrated, undecide, owner, note, wave } = options;
  const decisions: [boolean | undefined, SenderNote['decision'] | null][] = [
    [approve, 'approved'],
    [migrated, 'migrated'],
    [ignore, 'ignored'],
    [block, 'blocked'],
    [undecide, null],
  ];
  const chosen = decisions.filter(([given]) => given === true).map(([, decision]) => decision);
  if (chosen.length > 1)
    throw usage('one decision at a time: --approve, --migrated, --ignore, --block or --undecide');
  const change = {
    ...(chosen.length === 1 && { decision: chosen[0]! }),
    ...(owner !== undefined && { owner: owner === '' ? null : owner }),
    ...(note !== undefined && { text: note === '' ? null : note }),
    ...(wave !== undefined && { wave: wave === '' ? null : wholeNumber('--wave', wave) }),
  };
  if (Object.keys(change).length === 0)
    throw usage('say what is decided: --approve, --migrated, --ignore, --block, --owner, --wave or --note');
  await withAudit(options, async (book, out) => {
    const line = senderNamed(await currentAnswer(book), text);
    const { after } = await decide(book, line, change, { now: Date.now(), by: await onThisMachine() });
    const { answer } = await currentAnswer(book);
    out.answer({ id: line.id, ...after.note }, () => {
      out.done(`${line.name}: ${after.note.decision ?? 'nothing decided'}`);
      for (const { text: sentence } of answer.gates) out.line(sentence);
    });
  });
}
