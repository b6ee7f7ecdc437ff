/**
 * Letters that look alike, brought to one of them: a small table of our own for the scripts in which names of the
 * Latin alphabet are forged. What is not in it stays as it is.
 */

/** Each row: a Latin letter, and what is taken for it. */
const ROWS: [latin: string, alike: string][] = [
  ['a', '4\u0430\u03b1\u0251\u237a\u04d9'],
  ['b', '8\u0432\u042c\u044c\u03b2\u1d03\u0253\u0184\u0185\u13cf'],
  ['c', '\u0441\u03f2\u1d04\u2ca5\u0188\u00a2'],
  ['d', '\u0501\u0257\u0256\u13e7\u2146'],
  ['e', '3\u0437\u025c\u0435\u0451\u03b5\u0454\u04bd\u212e\u0259\u0247'],
  ['f', '\u0192\u03dd\u017f\u1e9d\u0584'],
  ['g', '\u0261\u0581\u0260\u050d\u01e5'],
  ['h', '\u04bb\u043d\u0570\u03b7\u0266\u210f\u029c'],
  // I, l, 1 and | are one stroke
  [
    'l',
    'i1|!\u0456\u0457\u03b9\u0131\u04cf\u04c0\u0399\u0406\u0627\u01c0\u2223\u0268\u026a\u0142\u019a\u026b',
  ],
  ['j', '\u0458\u03f3\u0575\u0237\u0249'],
  ['k', '\u043a\u03ba\u1d0b\u0199\u049b\u04c4'],
  ['m', '\u043c\u1d0d\u0271\u217f'],
  ['n', '\u043f\u0578\u057c\u0274\u014b\u0272\u0273'],
  ['o', '0\u043e\u03bf\u03c3\u0585\u0ed0\u1d0f\u0966\u06f0\u0665\u00f8\u0275\u04e9\u2c9f\u101d\u3007'],
  ['p', '\u0440\u03c1\u2ca3\u01a5\u03f1\u00fe'],
  ['q', '\u051b\u0563\u0566\u02a0'],
  ['r', '\u0433\u1d26\u0280\u0491\u027c\u027d'],
  ['s', '5$\u0455\u01bd\ua731\u0282\u0219'],
  ['t', '\u0442\u03c4\u1d1b\u01ad\u0288\u0167'],
  ['u', '\u0438\u03c5\u057d\u1d1c\u028b\u0446\u0173'],
  ['v', '\u03bd\u0475\u1d20\u2228\u2174'],
  ['w', '\u0461\u051d\u03c9\u1d21\u026f\u0448\u20a9'],
  ['x', '\u0445\u03c7\u1d8d\u2179\u00d7\u2cad'],
  ['y', '\u0443\u03b3\u04af\u1d8c\u028f\u10e7\u01b4'],
  ['z', '2\u1d22\u0290\u01b6\u0225'],
  ['-', '\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\u02d7\u2043'],
  ['.', '\u3002\uff0e\uff61\u06d4\u0701\u2024'],
];

const LATIN = new Map(ROWS.flatMap(([latin, alike]) => Array.from(alike, (one) => [one, latin] as const)));

/**
 * The text as it looks: two texts that a hurried reader can not tell apart have the same skeleton. For comparing
 * only. Reads the first 1,000 characters.
 */
export function skeleton(text: string): string {
  const folded = text
    .slice(0, 1000)
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\p{Mn}\p{Cf}]/gu, '');
  let shape = '';
  for (const character of folded) shape += LATIN.get(character) ?? character;
  // two that look like one
  return shape.replaceAll('rn', 'm').replaceAll('vv', 'w');
}
