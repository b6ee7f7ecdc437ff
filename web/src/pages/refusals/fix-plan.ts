import type { AnswerOf } from '../../api/client.ts';
import type { Event, Source } from '../../api/schema.ts';

export type Group = AnswerOf<'/refusal-groups/{group}', 'get'>;
type Policy = Source['policy'];

/** What of the policy of a source would have to be another: what is added or raised, and how the policy is then. */
export interface FixPlan {
  /** Its sentence stands in `fix.KIND` of the texts. */
  kind:
    | 'pairs'
    | 'nullSender'
    | 'recipients'
    | 'maxSize'
    | 'maxRecipients'
    | 'connections'
    | 'limit'
    | 'repair';
  /** Addresses and patterns that would be allowed; each can be left out. */
  additions: string[];
  /** Instead of additions: from how much to how much. */
  before?: number;
  after?: number;
  /** Octets or a count. */
  unit?: 'bytes' | 'messages';
  /** What is sent to change it. */
  patch: (additions: readonly string[]) => Partial<Policy>;
}

const MOST = 5;

/** @returns undefined where no setting of the source would change it */
export function fixOf(code: string, events: readonly Event[], policy: Policy): FixPlan | undefined {
  const details = events.map((event) => (event['detail'] ?? {}) as Record<string, unknown>);
  const texts = (name: string): string[] => [
    ...new Set(
      details.map((one) => one[name]).filter((one): one is string => typeof one === 'string' && one !== ''),
    ),
  ];
  const number = (name: string): number | undefined => {
    const value = details[0]?.[name];
    return typeof value === 'number' ? value : undefined;
  };
  const pairs = (additions: string[]): FixPlan | undefined =>
    additions.length === 0
      ? undefined
      : {
          kind: 'pairs',
          additions: additions.slice(0, MOST),
          patch: (chosen) => ({ pairs: [...policy.pairs, ...chosen.map(pairOf)] }),
        };
  switch (code) {
    case 'S401':
      return pairs(texts('envelope'));
    case 'S402':
      return pairs([
        ...new Set(
          details.flatMap(({ envelope, header }) =>
            typeof header === 'string' && typeof envelope === 'string' && header !== ''
              ? [envelope === '' || same(envelope, header) ? header : `${envelope} → ${header}`]
              : [],
          ),
        ),
      ]);
    case 'S406':
      return pairs(texts('header'));
    case 'S407':
      return { kind: 'nullSender', additions: [], patch: () => ({ nullSender: true }) };
    case 'R501': {
      const additions = texts('recipient').slice(0, MOST);
      if (additions.length === 0) return undefined;
      const { allow, patterns } = policy.recipients;
      return {
        kind: 'recipients',
        additions,
        patch: (chosen) => ({ recipients: { allow, patterns: [...patterns, ...chosen] } }),
      };
    }
    case 'M601': {
      if (policy.maxSize === 0) return undefined;
      const after = Math.ceil((Math.max(number('size') ?? 0, policy.maxSize) * 1.25) / 1e6) * 1e6;
      return {
        kind: 'maxSize',
        additions: [],
        before: policy.maxSize,
        after,
        unit: 'bytes',
        patch: () => ({ maxSize: after }),
      };
    }
    case 'R502': {
      const before = number('most');
      if (before === undefined || before !== policy.maxRecipients) return undefined;
      const after = Math.min(before * 2, 1000);
      return { kind: 'maxRecipients', additions: [], before, after, patch: () => ({ maxRecipients: after }) };
    }
    case 'L705': {
      const before = policy.connections;
      return {
        kind: 'connections',
        additions: [],
        before,
        after: before * 2,
        patch: () => ({ connections: before * 2 }),
      };
    }
    case 'L701':
    case 'L702':
    case 'L703':
    case 'L704': {
      const [unit, per, before] = [details[0]?.['unit'], details[0]?.['per'], number('most')];
      const known = policy.limits.find((one) => one.unit === unit && one.per === per && one.most === before);
      if (!known) return undefined;
      const after = known.most * 2;
      return {
        kind: 'limit',
        additions: [],
        before: known.most,
        after,
        unit: known.unit,
        patch: () => ({
          limits: policy.limits.map((one) => (one === known ? { ...one, most: after } : one)),
        }),
      };
    }
    case 'M604':
    case 'M605':
    case 'M608': {
      const { repair } = policy;
      const wanted = { ...repair, missingHeaders: true, longLines: true, rawHeaders: true };
      if (repair.missingHeaders && repair.longLines && repair.rawHeaders) return undefined;
      return { kind: 'repair', additions: [], patch: () => ({ repair: wanted }) };
    }
    default:
      return undefined;
  }
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** `envelope → header`, or one for both. */
function pairOf(text: string): { envelope: string; header: string } {
  const [envelope = text, header = envelope] = text.split(' → ');
  return { envelope, header };
}
