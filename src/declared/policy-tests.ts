import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { REFUSALS } from '../refusals.ts';
import { line } from '../sources/source-fields.ts';
import { DeclarationError, explain } from './declaration.ts';
import { type Fate, type FateLimits, fateOf, fateText } from './fate.ts';
import type { World } from './world.ts';

const MOST_TESTS = 5000;
/** Of all tests together, each as often as its `count` says. */
const MOST_MESSAGES = 500_000;
/** Messages that are judged before others get their turn on the thread. */
const MESSAGES_A_TURN = 200;

const expectation = z
  .string()
  .max(20)
  .transform((text, context) => {
    const [, kind, code] = /^(accept|hold|refuse)(?: ([A-Z]\d{3}))?$/.exec(text) ?? [];
    if (kind !== undefined && (code === undefined || (kind === 'refuse' && Object.hasOwn(REFUSALS, code)))) {
      return text;
    }
    context.addIssue({
      code: 'custom',
      message: 'expected accept, hold, refuse, or refuse with a code such as "refuse S402"',
    });
    return z.NEVER;
  });

const address = line(320);

const policyTest = z.strictObject({
  name: line(200).min(1),
  source: line(64).optional().describe('Absent: `network` tells whose device it is.'),
  from: address.default('').describe('Envelope sender; empty: the null sender.'),
  headerFrom: address.optional().describe('Address of the From header; absent: that of the envelope.'),
  to: z
    .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(address).min(1).max(1000))
    .describe('Envelope recipients.'),
  size: z.int().min(0).optional().describe('Octets.'),
  network: z
    .union([z.ipv4(), z.ipv6()], { error: 'expected an address such as 192.0.2.17' })
    .optional()
    .describe('The client; absent: from where it may.'),
  message: z.string().max(5_000_000).optional().describe('The whole message; line ends are made CRLF.'),
  count: z
    .int()
    .min(1)
    .max(100_000)
    .default(1)
    .describe('So many of them at the same moment; the last one is judged.'),
  expect: expectation,
});

export const policyTestsSchema = z
  .strictObject({
    test: z
      .array(policyTest)
      .max(MOST_TESTS)
      .refine((tests) => tests.reduce((sum, { count }) => sum + count, 0) <= MOST_MESSAGES, {
        message: `expected at most ${MOST_MESSAGES} messages in all (the sum of count)`,
      }),
  })
  .meta({ id: 'PolicyTests' });

export type PolicyTest = z.infer<typeof policyTest>;

export interface PolicyTestResult {
  name: string;
  passed: boolean;
  expected: string;
  /** `accept`, `hold`, `refuse S402` */
  happened: string;
  /** Why it was held or refused. */
  reason: string;
}

/** @throws DeclarationError */
export function readPolicyTests(value: unknown): PolicyTest[] {
  const result = policyTestsSchema.safeParse(value, { reportInput: true });
  if (result.success) return result.data.test;
  throw new DeclarationError(result.error.issues.flatMap(explain).slice(0, 100));
}

/**
 * Asks for the fate of each message.
 * @param worldOf a relay in which nothing was sent yet: tests must not use up each other's limits
 */
export async function runPolicyTests(
  tests: readonly PolicyTest[],
  worldOf: () => World,
  limits: FateLimits,
  at: number,
): Promise<PolicyTestResult[]> {
  const results: PolicyTestResult[] = [];
  for (const test of tests) {
    await nextTurn();
    const fate = await outcomeOf(test, worldOf(), limits, at);
    const happened = fateText(fate);
    results.push({
      name: test.name,
      passed: test.expect === happened || test.expect === fate.kind,
      expected: test.expect,
      happened,
      reason:
        fate.kind === 'refuse' ? fate.particulars : fate.kind === 'hold' ? `held for ${fate.reason}` : '',
    });
  }
  return results;
}

async function outcomeOf(test: PolicyTest, world: World, limits: FateLimits, at: number): Promise<Fate> {
  const { from, to, network, size = 0 } = test;
  const source = test.source === undefined ? undefined : world.byName(test.source);
  if (test.source !== undefined && !source) {
    return { kind: 'refuse', code: 'A301', particulars: `there is no source ${test.source}` };
  }
  const message =
    test.message === undefined ? undefined : Buffer.from(test.message.replaceAll(/\r?\n/g, '\r\n'));
  const headerFrom = test.headerFrom ?? (from === '' ? undefined : from);
  const probe = { source, network, from, headerFrom, to, size, message, at };
  let fate = fateOf(world, probe, limits);
  for (let sent = 1; sent < test.count && fate.kind === 'accept'; sent++) {
    if (sent % MESSAGES_A_TURN === 0) await nextTurn();
    fate = fateOf(world, probe, limits);
  }
  return fate;
}
