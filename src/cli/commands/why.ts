import type { Command } from 'commander';
import { isRefusalCode, REFUSALS } from '../../refusals.ts';
import type { Delivery, Event } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { Failure } from '../failure.ts';
import { Output, printable, when } from '../output.ts';
import { leftOut } from './messages.ts';

interface Story {
  summary: string;
  steps: { at: number; text: string }[];
  events: Event[];
  omitted?: { count: number; after: number };
  deliveries: Delivery[];
}

export function whyCommand(postern: Command): void {
  const why = postern
    .command('why <code-or-message>')
    .description('explain a refusal code (S402; works without the relay), or tell the story of a message');
  withConnection(why).action(async (subject: string, options: CommonOptions) => {
    if (/^[A-Za-z]\d{3}$/.test(subject)) {
      explain(subject.toUpperCase(), new Output(options.json ?? false));
      return;
    }
    const { api, out } = await openSession(options);
    const story = await api.get<Story>(`/messages/${encodeURIComponent(subject)}/why`);
    out.answer(story, () => {
      out.heading(printable(story.summary));
      out.line();
      const { events, steps, omitted } = story;
      for (const [index, { at, text }] of steps.entries()) {
        out.line(`${out.style('dim', when(at))}  ${printable(text)}`);
        if (omitted && events[index]?.id === omitted.after)
          out.line(out.style('dim', `… ${leftOut(omitted.count)}: postern message ${subject} --all`));
      }
    });
  });
}

/** @throws Failure for a code that does not exist */
function explain(code: string, out: Output): void {
  if (!isRefusalCode(code)) throw new Failure(`there is no refusal code ${code}`);
  const { code: reply, enhanced, text, explanation, remedy } = REFUSALS[code];
  out.answer({ code, reply, enhanced, text, explanation, remedy }, () => {
    out.heading(`${code} ${text}`);
    out.line();
    out.line(explanation);
    out.line();
    out.fields([
      ['What to do', remedy],
      ['On the wire', `${reply} ${enhanced} ${code} ${text}`],
    ]);
  });
}
