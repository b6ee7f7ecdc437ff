import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeText } from './charset.ts';
import { harmlessName, type NameFlag } from './file-name.ts';
import { fileType, isDisguised } from './file-type.ts';
import { readParameterized } from './parameters.ts';

const NAMES: [given: string, name: string, flags: NameFlag[]][] = [
  ['report.pdf', 'report.pdf', []],
  ['Übersicht März.xlsx', 'Übersicht März.xlsx', []],
  ['invoice.pdf.exe', 'invoice.pdf.exe', ['double-extension', 'executable']],
  ['setup.exe', 'setup.exe', ['executable']],
  ['invoice\u202efdp.exe', 'invoicefdp.exe', ['direction', 'executable']],
  ['a\u2066b\u2069.txt', 'ab.txt', ['direction']],
  ['../../etc/passwd', 'passwd', ['path']],
  ['C:\\Windows\\run.bat', 'run.bat', ['path', 'executable']],
  ['a\u2215b.txt', 'b.txt', ['path']],
  ['..', 'attachment', []],
  ['', 'attachment', []],
  ['///', 'attachment', ['path']],
  ['a\0b\r\nc.txt', 'abc.txt', ['control']],
  ['a\u200bb.txt', 'ab.txt', ['control']],
  [`invoice.pdf${' '.repeat(100)}.exe`, 'invoice.pdf .exe', ['padding', 'double-extension', 'executable']],
  ['run.exe. . ', 'run.exe', ['executable']],
  ['page.html', 'page.html', ['active']],
  ['scan.pdf.html', 'scan.pdf.html', ['double-extension', 'active']],
  ['drawing.svg', 'drawing.svg', ['active']],
  ['sheet.xlsm', 'sheet.xlsm', ['macros']],
  ['con.txt', '_con.txt', []],
  ['COM\u00b9 .txt', '_COM\u00b9 .txt', []],
  ['CONIN$', '_CONIN_', []],
  ['update.pdf.psc1', 'update.pdf.psc1', ['double-extension', 'executable']],
  ['prices.iqy', 'prices.iqy', ['macros']],
  ['a%2e%2e%2fb.txt', 'a_2e_2e_2fb.txt', []],
  ['a\r\nContent-Type: text_html.pdf', 'aContent-Type_ text_html.pdf', ['control']],
  ['\ud800.pdf', '\ufffd.pdf', []],
  ['a.pdf\u3164.exe', 'a.pdf.exe', ['control', 'double-extension', 'executable']],
  ['a.txt:stream.exe', 'a.txt_stream.exe', ['executable']],
  ['x\uff0eexe', 'x.exe', ['executable']],
  ['a"b<c>.txt', 'a_b_c_.txt', []],
  ['.htaccess', 'htaccess', []],
  [`${'n'.repeat(300)}.pdf`, `${'n'.repeat(115)}\u2026.pdf`, ['long']],
];

describe('names of attachments', () => {
  for (const [given, name, flags] of NAMES) {
    it(JSON.stringify(given.slice(0, 60)), () => {
      const found = harmlessName(given, 'attachment');
      assert.deepEqual([found.name, found.flags], [name, flags]);
    });
  }

  it('are harmless whatever is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
        const { name } = harmlessName(given, 'attachment');
        assert.doesNotMatch(name, /[/\\<>:"|?*\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        assert.ok(name.length > 0 && Array.from(name).length <= 121 && name !== '.' && name !== '..');
        assert.ok(name.isWellFormed());
      }),
    );
  });
});

const PARAMETERS: [text: string, value: string, parameters: Record<string, string>, repeated?: boolean][] = [
  ['text/plain', 'text/plain', {}],
  ['Text/HTML (comment); Charset="utf-8"', 'text/html', { charset: 'utf-8' }],
  ['a/b; name="x;y=\\"z\\""', 'a/b', { name: 'x;y="z"' }],
  ['a/b; name="unclosed; x=y', 'a/b', { name: 'unclosed; x=y' }],
  ["a/b; name*=utf-8''%C3%A4%20b", 'a/b', { name: 'ä b' }],
  ['a/b; name*0*=utf-8\'\'%C3%A4; name*1=" plain %41"; name*2*=%42', 'a/b', { name: 'ä plain %41B' }],
  ["a/b; name=a.exe; name*=utf-8''a.pdf", 'a/b', { name: 'a.pdf' }, true],
  ['a/b; charset=utf-7; charset*0=utf-8', 'a/b', { charset: 'utf-8' }, true],
  ["a/b; name=plain; name*=utf-8''extended", 'a/b', { name: 'extended' }],
  ["a/b; name*=x-none''%41%E9", 'a/b', { name: 'Aé' }],
  ['a/b; x=1; x=2', 'a/b', { x: '1' }, true],
  ['a/b; x=1; x=1', 'a/b', { x: '1' }],
  ['a/b;;; =x; y; z = 1 ', 'a/b', { z: '1' }],
  ['', '', {}],
];

describe('values with parameters', () => {
  for (const [text, value, parameters, repeated = false] of PARAMETERS) {
    it(JSON.stringify(text), () => {
      const read = readParameterized(text);
      assert.deepEqual(
        [read.value, Object.fromEntries(read.parameters), read.repeated],
        [value, parameters, repeated],
      );
    });
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void readParameterized(text)),
    );
  });
});

describe('charsets', () => {
  const TABLE: [octets: number[], label: string, text: string, doubt?: string][] = [
    [[0xc3, 0xa4], 'utf-8', 'ä'],
    [[0xe4], 'ISO-8859-1', 'ä'],
    [[0xe4], '', 'ä'],
    [[0xc3, 0xa4], 'us-ascii', 'ä'],
    [[0xe4], 'utf-8', '\ufffd', 'invalid-octets'],
    [[0xc3, 0xa4], 'x-klingon', 'ä', 'unknown-charset'],
    [[0x41], 'utf-7', 'A', 'unknown-charset'],
    [[0x82, 0xa0], 'shift_jis', 'あ'],
    [[0xef, 0xbb, 0xbf, 0x41], '', 'A'],
  ];
  for (const [octets, label, text, doubt] of TABLE) {
    it(`${label} ${octets.map((octet) => octet.toString(16)).join(' ')}`, () => {
      const read = decodeText(Buffer.from(octets), label);
      assert.deepEqual([read.text, read.doubt], [text, doubt]);
    });
  }
});

describe('what a file is', () => {
  const TABLE: [
    beginning: string,
    declared: string,
    extension: string,
    found: string | undefined,
    disguised: boolean,
  ][] = [
    ['%PDF-1.7', 'application/pdf', 'pdf', 'application/pdf', false],
    ['MZ\x90\0', 'application/pdf', 'pdf', 'application/vnd.microsoft.portable-executable', true],
    ['MZ\x90\0', 'application/octet-stream', 'pdf', 'application/vnd.microsoft.portable-executable', true],
    ['MZ\x90\0', 'application/x-msdownload', 'exe', 'application/vnd.microsoft.portable-executable', false],
    [
      'PK\x03\x04',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'docx',
      'application/zip',
      false,
    ],
    ['PK\x03\x04', 'image/png', 'png', 'application/zip', true],
    ['\x89PNG\r\n\x1a\n', 'image/png', 'png', 'image/png', false],
    ['\x89PNG\r\n\x1a\n', 'application/octet-stream', 'png', 'image/png', false],
    [' <!DOCTYPE html><script>', 'image/png', 'png', 'text/html', true],
    ['<html>', 'application/pdf', 'pdf', 'text/html', true],
    ['<?xml version="1.0"?><svg onload="x()">', 'image/svg+xml', 'svg', 'image/svg+xml', false],
    ['<svg onload="x()">', 'image/png', 'png', 'image/svg+xml', true],
    [
      '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
      'application/vnd.ms-excel',
      'xls',
      'application/x-ole-storage',
      false,
    ],
    ['just text', 'text/plain', 'txt', undefined, false],
    ['', 'application/pdf', 'pdf', undefined, false],
  ];
  for (const [beginning, declared, extension, found, disguised] of TABLE) {
    it(`${JSON.stringify(beginning)} called ${declared} .${extension}`, () => {
      const type = fileType(Buffer.from(beginning, 'latin1'));
      assert.deepEqual([type?.type, isDisguised(type, declared, extension)], [found, disguised]);
    });
  }
});
