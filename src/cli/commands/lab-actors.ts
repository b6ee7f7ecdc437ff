import type { Command } from 'commander';
import type { Outcome } from '../../lab/actors/actor.ts';
import type { Session } from '../command.ts';
import { usage } from '../failure.ts';
import { type Output, printable } from '../output.ts';
import { type LabOptions, openLab, withLab } from '../lab-connection.ts';

interface ShownActor {
  name: string;
  class: 'legitimate' | 'attack';
  way: string;
  what: string;
}

interface SendOptions extends LabOptions {
  transcript?: boolean;
  lang?: string;
}

/** `lab actors` and `lab send`. */
export function labActorCommands(lab: Command): void {
  withLab(lab.command('actors').description('who can send in the lab, and what each one is'))
    .option('--lang <language>', 'en or fr (default: that of the lab)')
    .action(async (options: LabOptions & { lang?: string }) => {
      const { api, out } = await openLab(options);
      const { items } = await api.get<{ items: ShownActor[] }>('/lab/actors', {
        language: languageOf(options.lang),
      });
      out.answer(items, () =>
        out.fields(
          items.map(({ name, what, class: kind }) => [name, `${kind === 'attack' ? '⚠ ' : ''}${what}`]),
        ),
      );
    });

  withLab(
    lab
      .command('send <actor>')
      .description('let an actor send one message, or all of them one after another: postern lab send all'),
  )
    .option('--transcript', 'show every line of SMTP')
    .option('--lang <language>', 'of the message, en or fr (default: that of the lab)')
    .action(async (actor: string, options: SendOptions) => {
      const session = await openLab(options);
      const language = languageOf(options.lang);
      const outcomes: Outcome[] = [];
      for (const name of actor === 'all' ? await allActors(session) : [actor]) {
        const target = `/lab/actors/${encodeURIComponent(name)}/send`;
        const outcome = await session.api.send<Outcome>('POST', target, { language });
        outcomes.push(outcome);
        if (!session.out.json) show(session.out, outcome, options.transcript === true);
      }
      if (session.out.json) session.out.answer(actor === 'all' ? outcomes : outcomes[0], () => {});
    });
}

/** @throws Failure for another one */
export function languageOf(text: string | undefined): 'en' | 'fr' | undefined {
  const language = text?.toLowerCase();
  if (language === undefined || language === 'en' || language === 'fr') return language;
  throw usage(`--lang: the lab speaks en and fr, not ${text}`);
}

async function allActors({ api }: Session): Promise<string[]> {
  const { items } = await api.get<{ items: ShownActor[] }>('/lab/actors');
  return items.map(({ name }) => name);
}

const MARKS = { client: '→', server: '←', note: ' ' } as const;

function show(out: Output, outcome: Outcome, whole: boolean): void {
  const { actor, client, accepted, reply, landed, transcript } = outcome;
  out.heading(actor);
  if (whole) for (const { by, text } of transcript) out.line(`  ${MARKS[by]} ${printable(text)}`);
  const places = landed.map(({ mailbox, folder }) => `${mailbox}, ${folder}`).join('\n');
  const verdict = landed[0]?.verdict;
  out.fields([
    ['  from', `${client.address}, EHLO ${client.hello}`],
    ['  envelope', `${outcome.envelope.from} → ${outcome.envelope.to.join(', ')}`],
    ['  From', outcome.headerFrom],
    ['  reply', reply],
    ['  arrived', places || (accepted ? 'not yet' : 'nowhere')],
    [
      '  checked',
      verdict &&
        `spf=${verdict.spf} dkim=${verdict.dkim} dmarc=${verdict.dmarc} compauth=${verdict.compauth} reason=${verdict.reason}`,
    ],
    ['  connector', verdict && (verdict.connector ?? 'none')],
  ]);
  out.line();
}
