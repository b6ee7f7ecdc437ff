import type { Source } from '../../api/schema.ts';

const STATES = ['requested', 'pending', 'sandboxed', 'active', 'suspended', 'retired'] as const;
export type State = Source['state'];
export const KINDS = ['password', 'api-key', 'certificate', 'oauth', 'network'] as const;

/** What stands in the address of the page. */
export const FILTERS = [
  'search',
  'state',
  'credential',
  'tag',
  'owner',
  'unused',
  'expiresWithinDays',
  'contained',
  'brownOut',
] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

const DAY_MS = 86_400_000;

/** The conditions as the API takes them. "Unused for 90 days" counts whole days, so that the question stays the same for a day. */
export function conditionsOf(filters: Filters) {
  const { unused, state, credential, contained, brownOut, ...same } = filters;
  const days = Number(unused);
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  return {
    ...same,
    state: STATES.find((one) => one === state),
    credential: KINDS.find((one) => one === credential),
    contained: flagOf(contained),
    brownOut: flagOf(brownOut),
    unusedSince: days > 0 ? String(today - days * DAY_MS) : undefined,
  };
}

function flagOf(text: string | undefined): 'true' | 'false' | undefined {
  return text === 'true' || text === 'false' ? text : undefined;
}
