import { DAY_MS, describeException, type Exception } from './exception.ts';

/** Days before the end at which its owner is warned. */
const WARNING_DAYS = [30, 7, 1] as const;

/** The warning that is due: the nearest one whose time has come and that was not given; of those missed, only the last. */
export function dueWarning({ endsAt, warned }: Exception, now: number): number | undefined {
  const left = endsAt - now;
  if (left <= 0) return undefined;
  const reached = WARNING_DAYS.filter((days) => left <= days * DAY_MS).at(-1);
  return reached !== undefined && reached < (warned ?? Number.POSITIVE_INFINITY) ? reached : undefined;
}

/** What counts as given from the beginning: whoever makes an exception for five days needs no warning of seven. */
export function alreadyWarned(endsAt: number, now: number): number | undefined {
  return WARNING_DAYS.filter((days) => endsAt - now <= days * DAY_MS).at(-1);
}

export interface Told {
  exception: Exception;
  sourceName: string | undefined;
}

/** One mail to one owner about all that is due. */
export function warningMail(
  hostname: string,
  ending: readonly Told[],
  ended: readonly Told[],
): { subject: string; text: string } {
  const count = ending.length + ended.length;
  const subject =
    ending.length === 0
      ? `${hostname}: ${ended.length === 1 ? 'an exception has' : `${ended.length} exceptions have`} ended`
      : `${hostname}: ${count === 1 ? 'an exception ends' : `${count} exceptions end`} soon`;
  const lines = [
    `You answer for ${count === 1 ? 'an exception' : `${count} exceptions`} on the mail relay ${hostname}.`,
    'An exception lets devices send in a way that is no longer safe, until a day that was agreed on.',
  ];
  if (ending.length > 0) {
    lines.push('', 'What ends soon:');
    for (const one of ending) lines.push('', ...entry(one));
    lines.push(
      '',
      'After that day these devices can send only in the safe way. Update or replace them before; or, if that is',
      'not possible, ask the administrator of the relay to extend the exception:',
      ...ending.map(
        ({ exception }) => `  postern exception extend ${exception.id} --until DATE --reason WHY`,
      ),
    );
  }
  if (ended.length > 0) {
    lines.push('', 'What has ended:');
    for (const one of ended) lines.push('', ...entry(one));
    lines.push('', 'A device that stopped sending now needs an update, or a new exception.');
  }
  return { subject, text: `${lines.join('\n')}\n` };
}

function entry({ exception, sourceName }: Told): string[] {
  const { id, reason, endsAt, uses, lastUsedAt } = exception;
  const day = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const used =
    lastUsedAt === undefined ? 'never used' : `used ${uses} times, the last time ${day(lastUsedAt)} UTC`;
  return [
    `- ${describeException(exception, sourceName)} (${id})`,
    `  until ${day(endsAt)} UTC; ${used}`,
    `  reason: ${reason}`,
  ];
}
