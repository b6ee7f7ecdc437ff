import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseSync } from 'rolldown/utils';
import { configurationSchema } from '../config/settings.ts';
import { advise } from '../edge/advice.ts';
import type { Tenant } from '../edge/tenant.ts';
import { REFUSALS, type RefusalCode } from '../refusals.ts';
import { REFUSALS_FRENCH } from '../refusals-french.ts';
import { ADVICE_PHRASES } from './advice-phrases.ts';
import { EDGE_PHRASES } from './edge-phrases.ts';
import { tellerOf } from './french.ts';
import { namesIn, withFrenchSpaces } from './phrasebook.ts';
import { REFUSAL_PHRASES } from './refusal-phrases.ts';
import { SETTING_PHRASES } from './setting-phrases.ts';

const tell = tellerOf('fr');
const TABLES = { ADVICE_PHRASES, EDGE_PHRASES, REFUSAL_PHRASES, SETTING_PHRASES };
const ROWS = Object.values(TABLES).flatMap((table) => Object.entries(table));

/** Values that stand for themselves in both languages; digits fit every form. */
const filled = (text: string): string =>
  text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(1000 + name.length * 37 + name.charCodeAt(0)));

describe('the phrases', () => {
  it('have the same values in both languages', () => {
    const wrong = ROWS.filter(([english, french]) => {
      const [wanted, found] = [namesIn(english), namesIn(french)];
      return new Set(wanted).size !== wanted.length || wanted.toSorted().join() !== found.toSorted().join();
    });
    assert.deepEqual(wrong, []);
  });

  it('are told by their own row, and not by one before it', () => {
    for (const [english, french] of ROWS)
      assert.equal(tell(filled(english)), withFrenchSpaces(filled(french)), english);
  });

  it('stand in one table only', () => {
    const names = Object.values(TABLES).flatMap((table) => Object.keys(table));
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });

  it('are typographically French', () => {
    const wrong = ROWS.map(([, french]) => french).filter((french) =>
      /'|[^\s:/]\s?[!?;](?<! [!?;])|«\S|\S»|\.\.\./.test(french),
    );
    assert.deepEqual(wrong, []);
  });

  it('keep the explanations and remedies of the codes apart', () => {
    const known = new Map<string, string>();
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      const { explanation, remedy } = REFUSALS[code];
      for (const [english, french] of [
        [explanation, REFUSALS_FRENCH[code][0]],
        [remedy, REFUSALS_FRENCH[code][1]],
      ] as const) {
        assert.equal(known.get(english) ?? french, french, code);
        known.set(english, french);
      }
    }
  });
});

describe('the descriptions of settings', () => {
  const described = new Set<string>();
  const visit = (node: object): void => {
    for (const [name, inner] of Object.entries(node)) {
      if (name === 'description' && typeof inner === 'string') described.add(inner);
      else if (typeof inner === 'object' && inner !== null) visit(inner as object);
    }
  };
  visit(configurationSchema());

  it('are all in French as well, and no others', () => {
    assert.deepEqual(Object.keys(SETTING_PHRASES).toSorted(), [...described].toSorted());
  });

  it('have the same names and values in both languages', () => {
    const code = (text: string) =>
      [...text.matchAll(/`[^`]+`|\b[A-Z]\d{3}\b|docs\/\S+\.md|\b\d{3}\b/g)].join();
    const sorted = (text: string) => code(text).split(',').toSorted().join();
    for (const [english, french] of Object.entries(SETTING_PHRASES))
      assert.equal(sorted(french), sorted(english), english);
  });
});

/** Calls whose argument of this number is told to people, and members of which the value is. */
const CALLS: Record<string, number> = {
  refuse: 1,
  malformed: 0,
  failed: 1,
  configuration: 1,
  device: 0,
  exception: 2,
  rotate: 1,
  command: 2,
  doubt: 0,
};
const MEMBERS = new Set(['particulars', 'fault', 'reason', 'problem']);
const SOURCES = [
  'smtp/server/*.ts',
  'smtp/syntax/path.ts',
  'policy/*.ts',
  'message/{repair,address-list,from-header}.ts',
  'submission/*.ts',
  'submission/sasl/*.ts',
  'edge/{acceptance,handler,judgement}.ts',
  'edge/checks/*.ts',
  'authentication/{author,blocklist,reverse-dns}.ts',
  'notices/{advice,access-advice}.ts',
];
/** Of which each form that there is stands in the table. */
const LEFT_OUT = new Set([
  // the name of a field comes first
  '1234 "1234": 1234',
  // a field, or a name and what is wrong with it; an error inside is told as the platform says it
  '1234: 1234',
  '1234 1234',
  // account or network
  'the 1234 is locked after too many failures',
]);

/** A node of ESTree, as far as it is looked at. */
interface Node {
  type?: string;
  value?: unknown;
  name?: string;
  key?: Node;
  id?: Node;
  init?: Node;
  callee?: Node;
  arguments?: Node[];
  quasis?: { value: { cooked: string } }[];
  expressions?: Node[];
  consequent?: Node;
  alternate?: Node;
  right?: Node;
}

/** Of a template: what a client has sent stands in quotation marks. */
function valueOf(expression: Node | undefined): string {
  if (!expression) return '';
  return expression.callee?.name === 'quoted' ? '"1234"' : '1234';
}

/** The sentences in a file, each value of a template a number. */
function sentences(file: string): string[] {
  const found: string[] = [];
  const read = (node: Node | undefined): void => {
    if (node?.type === 'Literal' && typeof node.value === 'string') found.push(node.value);
    else if (node?.type === 'TemplateLiteral')
      found.push(
        (node.quasis ?? [])
          .map(({ value }, index) => value.cooked + valueOf(node.expressions?.[index]))
          .join(''),
      );
    else if (node?.type === 'ConditionalExpression') {
      read(node.consequent);
      read(node.alternate);
    } else if (node?.type === 'LogicalExpression') read(node.right);
  };
  const visit = (node: Node): void => {
    if (node.type === 'CallExpression') read(node.arguments?.[CALLS[node.callee?.name ?? ''] ?? -1]);
    else if (node.type === 'Property' && MEMBERS.has(node.key?.name ?? '')) read(node.value as Node);
    else if (node.type === 'VariableDeclarator' && MEMBERS.has(node.id?.name ?? '')) read(node.init);
    for (const inner of Object.values(node))
      if (typeof inner === 'object' && inner !== null) visit(inner as Node);
  };
  visit(parseSync(file, readFileSync(file, 'utf8')).program);
  return found;
}

describe('sentences of the journal', () => {
  const rows: [english: string, french: string][] = [
    [
      'MAIL FROM "scan@corp.example" is in no pair',
      'l’expéditeur d’enveloppe « scan@corp.example » ne figure dans aucune paire d’adresses de la source',
    ],
    ['limit of 120 messages a minute', 'limite de 120 messages par minute'],
    [
      'From "=?x?=": unbalanced-quote, no-domain',
      'en-tête « De » « =?x?= » : guillemet non fermé, adresse sans domaine',
    ],
    ['sender "a, b": 2 addresses', 'en-tête Sender « a, b » : 2 adresses'],
    [
      '198.51.100.0/24 has sent 61 messages within a minute, allowed are 60',
      '198.51.100.0/24 a envoyé 61 messages en une minute ; 60 sont permis',
    ],
    // what a client has chosen is not taken for a word of ours
    [
      'MAIL FROM "group" is in no pair',
      'l’expéditeur d’enveloppe « group » ne figure dans aucune paire d’adresses de la source',
    ],
    // several reasons of the edge
    [
      'the client calls itself localhost; the display name shows ceo@corp.example',
      'le client s’annonce sous le nom localhost ; le nom affiché montre ceo@corp.example',
    ],
    // another's words stay
    ['tlsv1 alert unknown ca', 'tlsv1 alert unknown ca'],
    [
      `${REFUSALS.E204.explanation} The client showed a certificate, which does not count: it has expired.`,
      `${REFUSALS_FRENCH.E204[0]} Le client a présenté un certificat, qui ne compte pas : il a expiré.`,
    ],
  ];
  for (const [english, french] of rows)
    it(english, () => assert.equal(tell(english), withFrenchSpaces(french)));

  it('stay as they are in English', () => {
    assert.equal(tellerOf('en')('no From'), 'no From');
  });

  it('take no long time, whatever a client has sent', () => {
    const text = `From "${'" with MAIL FROM "'.repeat(200)}x`;
    assert.equal(tell(text), text);
  });
});

describe('the advice of the edge', () => {
  const domain = { name: 'corp.example', type: 'authoritative' as const };
  const connector = { name: 'c', enabled: true, senderAddresses: [], senderDomains: [] };
  const tenant = (more: object) =>
    ({
      domains: [domain],
      connectors: [],
      organization: { rejectDirectSend: false },
      ...more,
    }) as unknown as Tenant;
  const given = { listeners: 0, listOnly: true };
  const advice = [
    ...advise(tenant({ domains: [] }), { countOf: () => 0 }, { ...given, listeners: 1 }),
    ...advise(
      tenant({
        connectors: [
          { ...connector, type: 'partner' },
          { ...connector, type: 'on-premises', certificateName: 'mail.elsewhere.example' },
        ],
      }),
      { countOf: () => 0 },
      given,
    ),
  ];

  it('is all there', () => assert.equal(advice.length, 6));
  for (const text of advice)
    it(text, () => {
      assert.notEqual(tell(text), text);
      // commands and names of settings are the same in both
      assert.ok(!/ (the|is|so that) /.test(tell(text)), tell(text));
    });
});

describe('what the sources say', () => {
  const root = `${import.meta.dirname}/../`;
  const files = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root })).filter(
    (file) => !/\.test\.ts$|fixtures?\.ts$|approval\.ts$/.test(file),
  );

  it('has French for each sentence of a refusal', () => {
    const unknown = files.flatMap((file) =>
      sentences(`${root}${file}`)
        .filter((text) => text !== '' && !LEFT_OUT.has(text) && tell(text) === text)
        .map((text) => `${file}: ${text}`),
    );
    assert.deepEqual(unknown, []);
  });

  it('is found in the sources at all', () => {
    const count = files.flatMap((file) => sentences(`${root}${file}`)).length;
    assert.ok(count > 120, String(count));
  });
});
