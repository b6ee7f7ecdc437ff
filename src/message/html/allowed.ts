/** What may stand in the HTML of a mail that is shown. What is not named here does not get through. */

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** `area` comes through as a link that is told of, and never as an element. */
export const ELEMENTS = words(
  'a abbr acronym address area article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark menu nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr',
);

export const VOID = words('area br col hr img wbr');

/** Left out with all that is in them. */
export const LEFT_OUT = words(
  'applet audio canvas frameset iframe math noembed noframes noscript object plaintext portal script select style svg template textarea title video xmp',
);

/** Of those: such that a slash at the end of their tag closes (they are no HTML). */
export const FOREIGN = words('math svg');

export const BLOCKS = words(
  'address article aside blockquote center dd details dir div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul',
);

/** What a start tag ends, as far up as an element of `within` (HTML §13.1.2.4, tags that may be left out). */
export const IMPLIED_ENDS: ReadonlyMap<string, { ends: ReadonlySet<string>; within: ReadonlySet<string> }> =
  new Map(
    (
      [
        ['li', 'li', 'ul ol menu dir table td th'],
        ['dt dd', 'dt dd', 'dl table td th'],
        ['td th', 'td th', 'tr table'],
        ['tr', 'tr td th', 'tbody thead tfoot table'],
        ['tbody thead tfoot', 'tbody thead tfoot tr td th caption colgroup', 'table'],
        ['colgroup caption', 'colgroup caption', 'table'],
        ['p', 'p', 'table td th div blockquote li'],
        ['rt rp', 'rt rp', 'ruby'],
        ['a', 'a', 'table td th'],
      ] as const
    ).flatMap(([names, ends, within]) =>
      names.split(' ').map((name) => [name, { ends: words(ends), within: words(within) }] as const),
    ),
  );

/** An end tag does not reach through the cell or table that it stands in. */
export const BARRIERS = words('table td th caption');
export const TABLE_PARTS = words('table tbody thead tfoot tr td th caption colgroup');

const SIZE = /^\d{1,4}(?:\.\d{1,3})?(?:%|px)?$/;
/** Columns and rows of one cell: a table of thousands by thousands of them takes a browser minutes to lay out. */
const SPAN = /^[1-9]\d?$/;
const COLOUR = /^(?:#[0-9a-f]{3,8}|[a-z]{3,30})$/i;
const WORD = /^[a-z-]{1,20}$/i;
const TEXT = /^[^\0]{0,500}$/;

/** Attributes that any element may have, and the form that their values must have. */
export const ATTRIBUTES: ReadonlyMap<string, RegExp> = new Map([
  ['align', WORD],
  ['alt', TEXT],
  ['bgcolor', COLOUR],
  ['border', SIZE],
  ['cellpadding', SIZE],
  ['cellspacing', SIZE],
  ['class', /^[\w\s-]{1,500}$/],
  ['color', COLOUR],
  ['colspan', SPAN],
  ['dir', /^(?:ltr|rtl|auto)$/i],
  ['face', /^[\w\s,'-]{1,200}$/],
  ['height', SIZE],
  ['hspace', SIZE],
  ['lang', /^[a-z0-9-]{1,35}$/i],
  ['nowrap', /^(?:nowrap)?$/i],
  ['rowspan', SPAN],
  ['size', /^[+-]?\d{1,3}$/],
  ['span', SPAN],
  ['start', /^-?\d{1,6}$/],
  ['type', /^(?:[1aAiI]|disc|circle|square)$/],
  ['valign', WORD],
  ['vspace', SIZE],
  ['width', SIZE],
]);

const PROPERTIES = words(
  'background background-color border border-bottom border-bottom-color border-bottom-style border-bottom-width border-collapse border-color border-left border-left-color border-left-style border-left-width border-radius border-right border-right-color border-right-style border-right-width border-spacing border-style border-top border-top-color border-top-style border-top-width border-width box-sizing caption-side clear color direction display empty-cells float font font-family font-size font-style font-variant font-weight height letter-spacing line-height list-style list-style-position list-style-type margin margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width overflow overflow-wrap padding padding-bottom padding-left padding-right padding-top table-layout text-align text-decoration text-indent text-overflow text-transform unicode-bidi vertical-align visibility white-space width word-break word-spacing word-wrap',
);
const VALUE = /^[\w\s.,%#()'"+\-/]{1,500}$/;
const FUNCTION = /([\w-]*)\(/g;
const FUNCTIONS = words('rgb rgba hsl hsla calc');

/** Whether a declaration of CSS is one of looks alone: nothing is fetched by it, and nothing leaves its place. */
export function isAllowedDeclaration(property: string, value: string): boolean {
  if (!PROPERTIES.has(property) || !VALUE.test(value)) return false;
  for (const [, name = ''] of value.matchAll(FUNCTION)) {
    if (!FUNCTIONS.has(name.toLowerCase())) return false;
  }
  return hasClosedQuotes(value);
}

function hasClosedQuotes(value: string): boolean {
  const without = value.replaceAll(/"[^"']*"|'[^"']*'/g, '');
  return !/["']/.test(without) && count(without, '(') === count(without, ')');
}

const count = (text: string, character: string): number => text.split(character).length - 1;
