import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../platform/clock.ts';
import { bothFamilies, ResolveError, type Resolver } from '../../platform/resolver.ts';
import type { AnswerSource } from '../answer.ts';
import { type Fact, factOf, type Told } from '../facts/fact.ts';
import { type Known, withReverseNames } from './reverse-names.ts';

/** Names there and back; everything else does not exist, or gives no answer. */
class Zone implements Resolver {
  readonly asked: string[] = [];
  readonly #records: Record<string, string[] | 'temporary'>;
  constructor(records: Record<string, string[] | 'temporary'>) {
    this.#records = records;
  }
  ptr = (address: string) => this.#answer(address);
  a = (host: string) => this.#answer(host);
  aaaa = (host: string) => this.#answer(host);
  mx = () => Promise.reject(new ResolveError('nxdomain', 'x'));
  txt = () => Promise.reject(new ResolveError('nxdomain', 'x'));
  addresses(host: string) {
    return bothFamilies(this, host);
  }
  async #answer(name: string): Promise<string[]> {
    this.asked.push(name);
    const answer = this.#records[name];
    if (answer === undefined || answer === 'temporary')
      throw new ResolveError(answer === 'temporary' ? 'temporary' : 'nxdomain', name);
    return answer;
  }
}

function sourceOf(...told: Partial<Told>[]): AnswerSource {
  const facts: Fact[] = told.map((one, row) =>
    factOf({ kind: 'email-events', file: 1, row, connector: 'none', ...one }),
  );
  return {
    async *scan() {
      yield* facts;
    },
    tallies: async () => [],
    sentBefore: async () => new Set(),
    foreignSamples: async () => new Map(),
  };
}

function bookOf(names: Record<string, Known> = {}) {
  return {
    kept: names,
    async names() {
      return this.kept;
    },
    async keepNames(more: Record<string, Known>) {
      this.kept = more;
    },
  };
}

async function namesIn(source: AnswerSource): Promise<[string | undefined, string | undefined][]> {
  const names: [string | undefined, string | undefined][] = [];
  for await (const { told, origins } of source.scan()) names.push([told.ptr, origins.ptr]);
  return names;
}

const ZONE = {
  '13.80.1.2': ['VM.westeurope.cloudapp.azure.com'],
  'vm.westeurope.cloudapp.azure.com': ['13.80.1.2'],
  '139.28.36.230': ['o1.ptr.sendgrid.net'],
  'o1.ptr.sendgrid.net': ['149.72.1.1'],
  '8.8.4.4': 'temporary' as const,
};

describe('names by reverse DNS', () => {
  it('asks nobody without a resolver, and still knows what was told before', async () => {
    const book = bookOf({ '13.80.1.2': { name: 'vm.example', at: 0 } });
    const { source, report } = await withReverseNames(sourceOf({ address: '13.80.1.2' }), {
      book,
      clock: new ManualClock(0),
    });
    assert.equal(report, undefined);
    assert.deepEqual(await namesIn(source), [['vm.example', 'dns']]);
  });

  it('believes a name that leads back to its address, and no other', async () => {
    const resolver = new Zone(ZONE);
    const book = bookOf();
    const { source, report } = await withReverseNames(
      sourceOf({ address: '13.80.1.2' }, { address: '139.28.36.230' }, { address: '8.8.4.4' }),
      { book, clock: new ManualClock(0), resolver },
    );
    assert.deepEqual(await namesIn(source), [
      ['vm.westeurope.cloudapp.azure.com', 'dns'],
      [undefined, undefined],
      [undefined, undefined],
    ]);
    assert.deepEqual(report, { addresses: 3, asked: 3, named: 1, open: 1 });
    assert.deepEqual(Object.keys(book.kept).sort(), ['13.80.1.2', '139.28.36.230']);
  });

  it('asks about no address that is private, named by the evidence, or let in by a connector', async () => {
    const resolver = new Zone(ZONE);
    await withReverseNames(
      sourceOf(
        { address: '10.0.0.4' },
        { address: '' },
        { address: '13.80.1.2', helo: 'mfp' },
        { address: '13.80.1.2', ptr: '' },
        { address: '13.80.1.2', connector: { name: 'Payroll' } },
      ),
      { book: bookOf(), clock: new ManualClock(0), resolver },
    );
    assert.deepEqual(resolver.asked, []);
  });

  it('asks again after a month, or some days where there was none', async () => {
    const day = 86_400_000;
    const clock = new ManualClock(20 * day);
    const book = bookOf({
      '13.80.1.2': { name: 'vm.example', at: 0 },
      '139.28.36.230': { name: '', at: 0 },
    });
    const resolver = new Zone(ZONE);
    const evidence = sourceOf({ address: '13.80.1.2' }, { address: '139.28.36.230' });
    await withReverseNames(evidence, { book, clock, resolver });
    assert.deepEqual(resolver.asked, ['139.28.36.230', 'o1.ptr.sendgrid.net']);
  });
});
