import type { Command } from 'commander';
import type { Event } from '../answers.ts';
import { type CommonOptions, noteUnknownSource, openSession, withConnection } from '../command.ts';
import { type Output, printable, when } from '../output.ts';
import { moment, wholeNumber } from '../values.ts';

interface Advice {
  cause: string;
  change: { kind: 'command' | 'configuration' | 'device'; line: string };
  caution?: string;
}

interface Group {
  group: string;
  sourceName?: string;
  network?: string;
  code: string;
  text: string;
  explanation: string;
  count: number;
  first: number;
  last: number;
  example?: Event;
  advice: Advice;
}

interface Transcript {
  session: string;
  at: number;
  network: string;
  port: number;
  listener: string;
  sourceName?: string;
  hello: string;
  tls?: string;
  ending: string;
  lines: { at: number; by: 'client' | 'server' | 'relay'; text: string }[];
  messages: number;
}

interface Details extends Group {
  particulars: { text: string; count: number; last: number }[];
  events: Event[];
  transcript?: Transcript;
}

interface Period {
  since: string;
  until?: string;
}

interface ListOptions extends CommonOptions, Period {
  source?: string;
  network?: string;
  code?: string;
  sort: string;
  limit: string;
}

interface Notices {
  on: boolean;
  why?: string;
  to: string;
  language: string;
  items: { code: string; toldAt?: number; waiting: number; nextAt?: number }[];
}

const CHANGES = {
  command: 'To allow it',
  configuration: 'Configuration',
  device: 'What to do',
} as const;

export function refusalsCommand(postern: Command): void {
  const refusals = postern
    .command('refusals')
    .description('who is refused, why, and the one setting that would change it')
    .option('--source <name>', 'of one source')
    .option('--network <cidr>', 'from one address or network')
    .option('--code <code>', 'with one refusal code')
    .option('--sort <last|count>', 'the latest first, or the most frequent', 'last')
    .option('--limit <number>', 'most groups', '50');
  withPeriod(withConnection(refusals)).action(async (options: ListOptions) => {
    const session = await openSession(options);
    const { api, out } = session;
    const { source, network, code, sort } = options;
    const query = { ...period(options), source, network, code, sort };
    const groups = await api.list<Group>('/refusal-groups', query, wholeNumber('--limit', options.limit));
    out.answer(groups, () => showGroups(out, groups));
    if (groups.length === 0) await noteUnknownSource(session, source);
  });
  show(refusals);
  transcript(refusals);
  notice(refusals);
  notices(refusals);
}

function show(refusals: Command): void {
  const command = refusals
    .command('show <group>')
    .description('one group in full, with what was said in its newest session: scanner:S402, 192.0.2.7:A302');
  withPeriod(withConnection(command)).action(async (group: string, _: object, self: Command) => {
    const options = self.optsWithGlobals<CommonOptions & Period>();
    const { api, out } = await openSession(options);
    const details = await api.get<Details>(`/refusal-groups/${encodeURIComponent(group)}`, period(options));
    out.answer(details, () => {
      showGroup(out, details);
      showParticulars(out, details);
      if (details.transcript) {
        out.line();
        showTranscript(out, details.transcript);
      }
    });
  });
}

function transcript(refusals: Command): void {
  const command = refusals
    .command('transcript <session>')
    .description('what was said in one session in which something was refused');
  withConnection(command).action(async (session: string, _: object, self: Command) => {
    const { api, out } = await openSession(self.optsWithGlobals<CommonOptions>());
    const found = await api.get<Transcript>(`/transcripts/${encodeURIComponent(session)}`);
    out.answer(found, () => showTranscript(out, found));
  });
}

function notice(refusals: Command): void {
  const command = refusals
    .command('notice <group>')
    .description('the mail that the owner gets of a group; nothing is sent')
    .option('--language <en|fr>', 'in another language than the owner gets it');
  withPeriod(withConnection(command)).action(async (group: string, _: object, self: Command) => {
    const options = self.optsWithGlobals<CommonOptions & Period & { language?: string }>();
    const { api, out } = await openSession(options);
    const mail = await api.get<{ to: string; subject: string; text: string }>(
      `/refusal-groups/${encodeURIComponent(group)}/notice`,
      { ...period(options), language: options.language },
    );
    out.answer(mail, () => {
      out.fields([
        ['To', mail.to || '(the source has no owner)'],
        ['Subject', mail.subject],
      ]);
      out.line();
      for (const line of mail.text.split('\n')) out.line(printable(line));
    });
  });
}

function notices(refusals: Command): void {
  const command = refusals
    .command('notices <source>')
    .description('what the owner of a source was told of its refusals, and when again');
  withConnection(command).action(async (source: string, _: object, self: Command) => {
    const { api, out } = await openSession(self.optsWithGlobals<CommonOptions>());
    const state = await api.get<Notices>(`/sources/${encodeURIComponent(source)}/notices`);
    out.answer(state, () => {
      out.fields([
        ['Mails to the owner', state.on ? 'on' : `off: ${state.why ?? ''}`],
        ['To', state.to],
        ['Language', state.language],
      ]);
      out.line();
      out.table(
        ['CODE', 'TOLD', 'SINCE THEN', 'AGAIN AT THE EARLIEST'],
        state.items.map(({ code, toldAt, waiting, nextAt }) => [
          code,
          when(toldAt) || 'not yet',
          String(waiting),
          when(nextAt),
        ]),
        'Nothing was refused of which the owner is told.',
      );
    });
  });
}

function withPeriod(command: Command): Command {
  return command
    .option('--since <when>', '30m, 2h, 7d ago, or a date', '7d')
    .option('--until <when>', 'the same');
}

function period({ since, until }: Period): { since: number; until?: number } {
  const now = Date.now();
  return {
    since: moment('--since', since, now),
    ...(until !== undefined && { until: moment('--until', until, now) }),
  };
}

function showGroups(out: Output, groups: Group[]): void {
  if (groups.length === 0) {
    out.line('Nothing was refused in this time.');
    return;
  }
  for (const [index, group] of groups.entries()) {
    if (index > 0) out.line();
    showGroup(out, group);
  }
  out.line();
  out.line(out.style('dim', 'postern refusals show GROUP says more, with what was said in the session.'));
}

function showGroup(out: Output, group: Group): void {
  const { advice } = group;
  out.heading(`${printable(group.group)}  ${group.text}`);
  const times = group.count === 1 ? 'once' : `${group.count} times`;
  const newest = group.example?.['network'];
  out.fields([
    ['Refused', `${times}, ${when(group.first)}${group.count === 1 ? '' : ` to ${when(group.last)}`}`],
    ['From', group.network ?? (typeof newest === 'string' ? newest : undefined)],
    ['Because', advice.cause],
    ['Meaning', group.explanation],
    [CHANGES[advice.change.kind], advice.change.line],
    ['But', advice.caution],
  ]);
}

function showParticulars(out: Output, { particulars, events }: Details): void {
  if (particulars.length < 2) return;
  out.line();
  out.heading(`Among the newest ${events.length}`);
  for (const { text, count, last } of particulars) {
    out.line(`${String(count).padStart(5)}  ${out.style('dim', when(last))}  ${printable(text)}`);
  }
}

const ARROWS = { client: 'C:', server: 'S:', relay: ' *' } as const;

function showTranscript(out: Output, transcript: Transcript): void {
  out.heading(`Session ${transcript.session}`);
  const { at, network, port, listener, tls, ending, messages } = transcript;
  out.fields([
    ['Began', when(at)],
    ['From', `${network} port ${port}, listener ${listener}`],
    ['Source', transcript.sourceName ?? 'not recognized'],
    ['TLS', tls ?? 'none'],
    ['Accepted before', messages === 0 ? undefined : `${messages} messages`],
    ['Ended', ending === '' ? 'it is still open' : ending],
  ]);
  out.line();
  for (const { at: since, by, text } of transcript.lines) {
    const time = `${(since / 1000).toFixed(3)} s`.padStart(10);
    const line = `${ARROWS[by]} ${printable(text)}`;
    out.line(`${out.style('dim', time)}  ${by === 'relay' ? out.style('yellow', line) : line}`);
  }
}
