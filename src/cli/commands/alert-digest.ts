import type { Command } from 'commander';
import type { DigestSettings } from '../../alerts/digests.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { usage } from '../failure.ts';
import { printableText } from '../output.ts';
import { several, wholeNumber } from '../values.ts';

interface SetOptions extends CommonOptions {
  on?: boolean;
  off?: boolean;
  every?: string;
  weekday?: string;
  hour?: string;
  language?: string;
  languageOf?: string[];
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export function alertDigestCommand(alert: Command): void {
  const digest = alert.command('digest').description('the regular mail to owners of sources; off at first');

  withConnection(digest.command('show').description('show when owners get it')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const settings = await api.get<DigestSettings>('/owner-digest');
      out.answer(settings, () => out.line(describe(settings)));
    },
  );

  const set = digest
    .command('set')
    .description('change when owners get it; what is not named stays')
    .option('--on', 'send it')
    .option('--off', 'do not send it')
    .option('--every <week|day>', 'how often')
    .option('--weekday <1-7>', 'day of a weekly one; 1 is Monday')
    .option('--hour <0-23>', 'hour of the day, UTC')
    .option('--language <en|fr>', 'language')
    .option('--language-of <address|domain=en|fr>', 'another language for some owners (repeat)', several);
  withConnection(set).action(async (options: SetOptions) => {
    if (options.on && options.off) throw usage('--on and --off exclude each other');
    const { api, out } = await openSession(options);
    const before = await api.get<DigestSettings>('/owner-digest');
    const { every, weekday, hour, language, languageOf } = options;
    const after = await api.send<DigestSettings>('PUT', '/owner-digest', {
      enabled: options.on ? true : options.off ? false : before.enabled,
      every: every ?? before.every,
      weekday: weekday === undefined ? before.weekday : wholeNumber('--weekday', weekday),
      hour: hour === undefined ? before.hour : wholeNumber('--hour', hour),
      language: language ?? before.language,
      otherLanguages: languageOf?.map(languageFor) ?? before.otherLanguages,
    });
    out.answer(after, () => out.done(describe(after)));
  });

  withConnection(
    digest.command('preview <owner>').description('show the mail that an owner would get now'),
  ).action(async (owner: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const mail = await api.get<{ subject: string; text: string }>('/owner-digest/preview', { owner });
    out.answer(mail, () => {
      out.heading(printableText(mail.subject));
      out.line();
      out.line(printableText(mail.text));
    });
  });
}

function languageFor(text: string): { match: string; language: string } {
  const at = text.lastIndexOf('=');
  if (at < 1) throw usage(`--language-of: expected for example corp.fr=fr, not ${JSON.stringify(text)}`);
  return { match: text.slice(0, at), language: text.slice(at + 1) };
}

function describe({ enabled, every, weekday, hour, language, otherLanguages }: DigestSettings): string {
  if (!enabled) return 'The digest to owners is off (postern alert digest set --on)';
  const time = every === 'week' ? `every ${DAYS[weekday - 1]}` : 'every day';
  const others = otherLanguages.map((other) => `${other.match} in ${other.language}`).join(', ');
  return `Owners get a digest ${time} at ${hour}:00 UTC, in ${language}${others && `; ${others}`}`;
}
