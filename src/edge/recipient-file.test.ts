import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RegistryError } from '../sources/registry.ts';
import { type ListedRecipient, recipientsOfCsv, recipientsOfJson } from './recipient-file.ts';

const shown = ({ line, address, error }: ListedRecipient) => `${line} ${address ?? `! ${error}`}`;

async function read(file: string): Promise<string[]> {
  const found: string[] = [];
  for await (const one of recipientsOfCsv(file)) found.push(shown(one));
  return found;
}

describe('files of recipients', () => {
  const files: [string, string, string[]][] = [
    [
      'a list without a head',
      'Ann@Contoso.test\nbob@contoso.test\n',
      ['1 ann@contoso.test', '2 bob@contoso.test'],
    ],
    ['a byte order mark and a head', '\ufeffName;Address\nAnn;ann@contoso.test\n', ['2 ann@contoso.test']],
    [
      'an export of Exchange',
      '#TYPE Selected.Microsoft.Exchange.Data\r\n"DisplayName","PrimarySmtpAddress","EmailAddresses"\r\n"Ann","ann@contoso.test","SMTP:ann@contoso.test smtp:a.n@contoso.test SIP:ann@contoso.test X500:/o=Exch Labs/ou=Admin Group/cn=x"\r\n',
      ['3 ann@contoso.test', '3 ann@contoso.test', '3 a.n@contoso.test'],
    ],
    ['semicolons in a cell', 'mail\n"a@b.test;smtp:c@b.test"\n', ['2 a@b.test', '2 c@b.test']],
    ['a domain with umlauts', 'mail\nann@müller.test\n', ['2 ann@xn--mller-kva.test']],
    ['what is no address', 'mail\nann\n', ['2 ! "ann" is no address of a recipient']],
    ['a direction mark', 'mail\na\u202e@b.test\n', ['2 ! "a\u202e@b.test" is no address of a recipient']],
    ['empty cells', 'mail,proxyAddresses\n,\na@b.test,\n', ['3 a@b.test']],
    ['nothing', '', []],
  ];
  for (const [what, file, expected] of files) {
    it(`are read with ${what}`, async () => assert.deepEqual(await read(file), expected));
  }

  it('are refused without addresses, or when they are no CSV', async () => {
    for (const [file, pattern] of [
      ['Name,Telephone\nAnn,1\n', /no column with addresses: name one address, .* it has Name, Telephone/],
      ['mail\n"ann@contoso.test\n', /is no CSV/],
    ] as const) {
      await assert.rejects(
        read(file),
        (error) => error instanceof RegistryError && pattern.test(error.message),
      );
    }
  });

  it('may be JSON', () => {
    const list = [
      'ann@contoso.test',
      { PrimarySmtpAddress: 'b@contoso.test', EmailAddresses: ['SMTP:b@contoso.test', 'SIP:b@contoso.test'] },
      { name: 'x' },
      7,
    ];
    assert.deepEqual([...recipientsOfJson(list)].map(shown), [
      '1 ann@contoso.test',
      '2 b@contoso.test',
      '2 b@contoso.test',
      '3 ! is no address, and has no member address, PrimarySmtpAddress, EmailAddresses, mail or proxyAddresses',
      '4 ! is no address, and has no member address, PrimarySmtpAddress, EmailAddresses, mail or proxyAddresses',
    ]);
  });
});
