import type { RecordedEvent } from '../journal/event.ts';
import { isRefusalCode, REFUSALS } from '../refusals.ts';
import type { Source } from '../sources/source.ts';
import { adviseOnAccess } from './access-advice.ts';
import {
  type Advice,
  type Change,
  command,
  configuration,
  fact,
  factNumber,
  type Refused,
  remedy,
} from './change.ts';

export interface AdviceContext {
  /** A domain of the organisation. */
  isInternal(domain: string): boolean;
  /** E-mail address of who answers for the relay. */
  contact: string;
}

/** Distinct values, newest first: a command names several, but not all of a flood. */
const MOST_VALUES = 5;

export function adviseOn(about: Omit<Refused, 'contact'>, context: AdviceContext): Advice {
  const refused: Refused = { ...about, contact: context.contact };
  const { code, events } = refused;
  const [newest] = events;
  const cause = newest?.text ?? (isRefusalCode(code) ? REFUSALS[code].explanation : code);
  const change =
    refused.source === undefined
      ? undefined
      : (adviseOnPolicy(refused as Refused & { source: Source }, context) ?? undefined);
  return { cause, ...(change ?? adviseOnAccess(refused) ?? remedy(code)) };
}

/** What the policy of a source does not allow. */
function adviseOnPolicy(
  { code, source, events }: Refused & { source: Source },
  { isInternal }: AdviceContext,
): Change | undefined {
  const edit = (...options: (string | { value: string })[]) => [
    'postern source edit',
    { value: source.name },
    ...options,
  ];
  const { policy } = source;
  const [newest] = events;
  if (newest === undefined) return undefined;
  switch (code) {
    case 'S401':
      return allowed(code, edit, events, (event) => fact(event, 'envelope'), isInternal);
    case 'S402':
      return allowed(code, edit, events, pairOf, isInternal);
    case 'S406':
      return allowed(code, edit, events, (event) => fact(event, 'header'), isInternal);
    case 'S407':
      return command(code, edit('--null-sender'), 'Only what writes notifications needs it.');
    case 'R501': {
      const values = distinct(events, (event) => fact(event, 'recipient'));
      if (values.length === 0) return undefined;
      return command(
        code,
        edit(...values.flatMap((value) => ['--recipient', { value }])),
        'A whole domain is allowed with its name alone; --recipients any allows everybody.',
      );
    }
    case 'R502': {
      const most = factNumber(newest, 'most');
      return most === undefined
        ? configuration(`limits.recipients`)
        : command(code, edit('--max-recipients', String(Math.min(most * 2, 1000))));
    }
    case 'M601': {
      if (policy.maxSize === 0) {
        return configuration(
          'limits.messageBytes',
          'It holds for all sources; memory and disk must suffice.',
        );
      }
      const wanted = Math.max(factNumber(newest, 'size') ?? 0, policy.maxSize) * 1.25;
      return command(code, edit('--max-size', `${Math.ceil(wanted / 1e6)}MB`));
    }
    case 'M602':
      return configuration(
        `lineEndings = "repair" at the listener ${newest.listener ?? ''}`.trim(),
        'A repaired line end never ends a message, so that nothing can be smuggled in.',
      );
    case 'M604':
    case 'M608':
      return policy.repair.longLines && policy.repair.rawHeaders
        ? undefined
        : command(code, edit('--repair'));
    case 'M605':
      return missingHeader(code, edit, source, newest);
    case 'L701':
    case 'L702':
    case 'L703':
    case 'L704': {
      const [unit, per, most] = [fact(newest, 'unit'), fact(newest, 'per'), factNumber(newest, 'most')];
      if (unit === undefined || per === undefined || most === undefined) return undefined;
      return command(
        code,
        edit('--limit', `${unit}/${per}=${most * 2}`),
        'First find out whether so many are normal for it: a device that was taken over sends more, too.',
      );
    }
    case 'L705':
      return command(code, edit('--connections', String(policy.connections * 2)));
    case 'K801':
    case 'K802':
      return command(
        code,
        ['postern source enable', { value: source.name }],
        'Find out first why it was stopped: postern source show says it.',
      );
    case 'X904': {
      const domain = fact(newest, 'domain');
      return domain === undefined ? undefined : command(code, ['postern domain add', { value: domain }]);
    }
    default:
      return undefined;
  }
}

function missingHeader(
  code: string,
  edit: (...options: (string | { value: string })[]) => (string | { value: string })[],
  { policy }: Source,
  newest: RecordedEvent,
): Change {
  if (newest.text !== 'no From') return command(code, edit('--repair'));
  const address = policy.pairs.map(({ header }) => header).find((one) => /^[^*@]+@[^*@]+$/.test(one));
  return address === undefined
    ? remedy(code)
    : command(
        code,
        edit('--repair-from', { value: address }),
        'Every message without a From then has this one.',
      );
}

function pairOf(event: RecordedEvent): string | undefined {
  const [envelope, header] = [fact(event, 'envelope'), fact(event, 'header')];
  if (header === undefined || envelope === undefined) return undefined;
  // an address with a comma could not be told from the end of the pair
  if (/[,=]/.test(header + envelope)) return undefined;
  return envelope === '' || envelope.toLowerCase() === header.toLowerCase()
    ? header
    : `envelope=${envelope},header=${header}`;
}

function allowed(
  code: string,
  edit: (...options: (string | { value: string })[]) => (string | { value: string })[],
  events: RecordedEvent[],
  read: (event: RecordedEvent) => string | undefined,
  isInternal: (domain: string) => boolean,
): Change | undefined {
  const values = distinct(events, read);
  if (values.length === 0) return undefined;
  const domain = (value: string) => value.slice(value.lastIndexOf('@') + 1).toLowerCase();
  const foreign = values.find((value) => !isInternal(domain(value)));
  const words = edit(...values.flatMap((value) => ['--from', { value }]));
  if (foreign === undefined) {
    return command(
      code,
      words,
      'Only if it is really to send in this name; otherwise correct the address in the device.',
    );
  }
  const caution = `${domain(foreign)} is no domain of yours: more likely the address in the device is wrong.`;
  return { ...command(code, words, caution), foreign: domain(foreign) };
}

function distinct(events: RecordedEvent[], read: (event: RecordedEvent) => string | undefined): string[] {
  return [...new Set(events.flatMap((event) => read(event) ?? []))].slice(0, MOST_VALUES);
}
