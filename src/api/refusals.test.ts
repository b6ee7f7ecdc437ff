import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { apiFixture } from './fixtures.ts';

interface Group {
  group: string;
  count: number;
  code: string;
  advice: { change: { line: string } };
}

async function fixture() {
  const made = await apiFixture();
  const { api, authorization, context, journal, clock } = made;
  const { id } = await context.sources.add({
    name: 'scanner',
    owner: 'ann@corp.example',
    description: '',
    policy: DEFAULT_POLICY,
  });
  const refuse = (code: string, more: object = {}) => {
    clock.advance(1000);
    journal.write({ type: 'refusal', code, network: '192.0.2.7', session: 's1', ...more });
  };
  for (let index = 0; index < 3; index++)
    refuse('S402', { source: id, detail: { envelope: 'a@corp.example', header: 'b@corp.example' } });
  refuse('A302', { network: '2001:db8:1:2:aaaa::1' });
  refuse('A302', { network: '2001:db8:1:2:bbbb::1' });
  refuse('A302', { network: '198.51.100.1' });
  journal.write({ type: 'bounce', code: 'D956', source: id });
  const get = async <T>(url: string, headers: Record<string, string> = authorization) => {
    const response = await api.inject({ method: 'GET', url: `/api/v1${url}`, headers });
    return { status: response.statusCode, body: response.json<T>() };
  };
  return { ...made, get, source: id };
}

describe('refusals over the API', () => {
  it('are grouped by source or network and code, the latest first, page by page', async () => {
    const { get } = await fixture();
    const { body } = await get<{ items: Group[]; complete: boolean }>('/refusal-groups');
    assert.deepEqual(
      body.items.map(({ group, count }) => [group, count]),
      [
        ['198.51.100.1:A302', 1],
        ['2001:db8:1:2::/64:A302', 2],
        ['scanner:S402', 3],
      ],
    );
    assert.equal(
      body.items[2]?.advice.change.line,
      'postern source edit scanner --from envelope=a@corp.example,header=b@corp.example',
    );
    assert.ok(body.complete);
    const pages = async (sort: string): Promise<string[]> => {
      const seen: string[] = [];
      for (let next: string | undefined = ''; next !== undefined; ) {
        const page: { body: { items: Group[]; next?: string } } = await get(
          `/refusal-groups?limit=1&sort=${sort}${next && `&cursor=${next}`}`,
        );
        seen.push(...page.body.items.map(({ group }) => group));
        next = page.body.next;
      }
      return seen;
    };
    const latest = body.items.map(({ group }) => group);
    assert.deepEqual(await pages('last'), latest);
    assert.deepEqual(await pages('count'), latest.toReversed());
  });

  it('every code is explained in French as well', async () => {
    const { get } = await fixture();
    const of = async (language: string) =>
      (
        await get<{ items: { code: string; text: string; explanation: string; remedy: string }[] }>(
          `/refusals?language=${language}`,
        )
      ).body.items;
    const [english, french] = await Promise.all([of('en'), of('fr')]);
    assert.equal(french.length, english.length);
    for (const [index, one] of french.entries()) {
      assert.equal(one.text, english[index]?.text, one.code);
      assert.notEqual(one.explanation, english[index]?.explanation, one.code);
      assert.ok(one.remedy.endsWith('.') || one.remedy.endsWith('…') || one.remedy.endsWith('"'), one.code);
    }
    const { body } = await get<{ explanation: string }>('/refusals/s402?language=fr');
    assert.match(body.explanation, /^L’en-tête «\u{a0}De\u{a0}»/u);
  });

  it('tell what exactly was refused, and what to do, in French as well', async () => {
    const { get, journal, source } = await fixture();
    const text = 'From "ceo@bank.example" with MAIL FROM "a@corp.example" is in no pair';
    const detail = { envelope: 'a@corp.example', header: 'ceo@bank.example' };
    journal.write({ type: 'refusal', code: 'S402', source, text, detail });
    interface Details {
      explanation: string;
      text: string;
      particulars: { text: string }[];
      events: { text?: string }[];
      advice: { cause: string; change: { line: string }; caution: string; foreign?: string };
    }
    const shown = async (language: string) =>
      (await get<Details>(`/refusal-groups/scanner:S402?language=${language}`)).body;
    const [english, french] = await Promise.all([shown('en'), shown('fr')]);
    const told =
      'l’adresse « De » « ceo@bank.example » avec l’expéditeur d’enveloppe « a@corp.example » ne figure dans aucune paire d’adresses de la source';
    const plain = (words: string | undefined) => words?.replaceAll('\u{a0}', ' ');
    assert.equal(english.particulars[0]?.text, text);
    assert.equal(plain(french.particulars[0]?.text), told);
    assert.equal(plain(french.advice.cause), told);
    assert.match(french.advice.caution, /^bank\.example n’est pas un de vos domaines/);
    assert.match(french.explanation, /^L’en-tête/);
    // commands, what was on the wire, and the journal are the same for everybody
    assert.deepEqual(french.advice.change, english.advice.change);
    assert.equal(french.advice.foreign, 'bank.example');
    assert.equal(french.text, english.text);
    assert.equal(french.events[0]?.text, text);
    const { body } = await get<{ items: { advice: { cause: string } }[] }>(
      '/refusal-groups?code=S402&language=fr',
    );
    assert.equal(plain(body.items[0]?.advice.cause), told);
    const { body: notices } = await get<{ why?: string }>('/sources/scanner/notices?language=fr');
    assert.doesNotMatch(notices.why ?? '', / is | has /);
  });

  it('are filtered, and a wrong filter is told', async () => {
    const { get, clock } = await fixture();
    const names = async (query: string) =>
      (await get<{ items: Group[] }>(`/refusal-groups?${query}`)).body.items.map(({ group }) => group);
    assert.deepEqual(await names('source=scanner'), ['scanner:S402']);
    assert.deepEqual(await names('code=s402'), ['scanner:S402']);
    assert.deepEqual(await names('network=198.51.100.0/24'), ['198.51.100.1:A302']);
    assert.deepEqual(await names(`since=${clock.now()}`), ['198.51.100.1:A302']);
    for (const query of ['code=S999', 'network=x', 'since=never', 'cursor=x', 'limit=0']) {
      assert.equal((await get(`/refusal-groups?${query}`)).status, 400, query);
    }
  });

  it('are shown one by one, with colons, slashes and nonsense in names', async () => {
    const { get } = await fixture();
    const show = (group: string) => get<Group>(`/refusal-groups/${encodeURIComponent(group)}`);
    assert.equal((await show('scanner:S402')).body.count, 3);
    assert.equal((await show('2001:db8:1:2::/64:a302')).body.count, 2);
    for (const group of ['scanner:S401', 'nobody:S402', 'S402', ':S402', '\u202e\n:S402', '../../x:S402']) {
      assert.equal((await show(group)).status, 404, group);
    }
    const notice = await get<{ to: string; text: string }>('/refusal-groups/scanner:S402/notice?language=fr');
    assert.equal(notice.body.to, 'ann@corp.example');
    assert.match(notice.body.text, /Bonjour/);
    assert.equal((await get('/refusal-groups/198.51.100.1:A302/notice')).status, 404);
    assert.equal((await get('/transcripts/s1')).status, 404);
    assert.equal((await get<{ on: boolean }>('/sources/scanner/notices')).body.on, true);
    assert.equal((await get('/sources/nobody/notices')).status, 404);
  });

  it('are for those who have signed in', async () => {
    const { get } = await fixture();
    for (const url of [
      '/refusal-groups',
      '/refusal-groups/scanner:S402',
      '/transcripts/s1',
      '/sources/scanner/notices',
    ]) {
      assert.equal((await get(url, {})).status, 401, url);
    }
  });
});
