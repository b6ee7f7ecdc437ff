import type { Command } from 'commander';
import type { z } from 'zod';
import type { contentShape } from '../api/content-shapes.ts';
import { openSession, type CommonOptions, type Session, withConnection } from './command.ts';
import { usage } from './failure.ts';
import { octets, type Output, printable, printableText } from './output.ts';

export type MessageContent = z.infer<typeof contentShape>;

const PART = /^1(?:\.\d{1,4})*$/;

const NOTICES: Record<MessageContent['notices'][number]['code'], string> = {
  'too-many-parts': 'has more parts than are read',
  'too-deep': 'has parts within parts, deeper than they are read',
  'too-large-head': 'has a header section larger than is read',
  'too-many-fields': 'has more header fields than are read',
  'broken-head': 'has lines in its header section that are no fields',
  'repeated-field': 'says twice what it is; mail programs may differ in what they show',
  'repeated-parameter': 'gives a parameter twice; mail programs may differ in what they show',
  'no-boundary': 'has parts and does not say what divides them',
  'unclear-delimiter': 'has lines that nearly divide its parts; mail programs may differ in what they show',
  'reused-boundary': 'divides its parts by the same words as the message around it',
  'missing-end': 'ends before its last part does',
  'text-after-end': 'has text after its end, which mail programs do not show',
  'encoded-multipart': 'is encoded as a whole, which no standard allows',
  'encoded-message': 'is an attached message that is encoded: save it to read it',
  'unknown-encoding': 'has an encoding that nobody knows',
  'external-body': 'lies elsewhere, and was not fetched',
  'unknown-charset': 'has a character set that nobody knows; it was guessed',
  'invalid-octets': 'has characters that its character set does not have',
  'direction-marks': 'has marks that turn the direction of text',
  'text-cut': 'is longer than is shown',
  'html-cut': 'is longer than is shown',
};

const FLAGS: Record<MessageContent['attachments'][number]['flags'][number], string> = {
  direction: 'the name hid its ending by marks of direction',
  control: 'the name had control characters',
  path: 'the name named a folder',
  'double-extension': 'looks like a document and is none',
  padding: 'the name hid its ending behind spaces',
  executable: 'runs when it is opened',
  active: 'may carry script',
  macros: 'may carry macros',
  long: 'the name was too long',
  disguised: 'is not what it says it is',
};

/** Headers, text, attachments, and what to beware of. */
export function showContent(out: Output, content: MessageContent, whole: string): void {
  const { headers, text, html, attachments, notices } = content;
  for (const { name, value } of headers) {
    out.line(`${out.style('cyan', printable(name))}: ${printable(value)}`);
  }
  out.line();
  if (text) out.line(printableText(text.content).trimEnd());
  if (attachments.length > 0) out.line();
  for (const { part, name, declaredType, size, exact, flags } of attachments) {
    const kept = `[${part}: ${printable(name)}, ${printable(declaredType)}, ${exact ? '' : 'about '}${octets(size)}]`;
    out.line(out.style('dim', kept));
    if (flags.length > 0) out.note(`${printable(name)}: ${flags.map((flag) => FLAGS[flag]).join('; ')}`);
  }
  for (const { code, part } of notices) {
    out.note(`${part === '1' ? 'The message' : `Part ${part}`} ${NOTICES[code]}`);
  }
  if (html) for (const line of cautions(html.findings)) out.note(line);
  if (notices.some(({ code }) => code.endsWith('-cut'))) out.note(`The whole of it: ${whole}`);
}

type Findings = NonNullable<MessageContent['html']>['findings'];

function cautions(found: Findings): string[] {
  const lines: string[] = [];
  const tell = (count: number, one: string, more: string): void => {
    if (count > 0) lines.push(count === 1 ? one : `${count} ${more}`);
  };
  tell(
    found.trackingPixels,
    'A picture would have told who reads it',
    'pictures would have told who reads them',
  );
  tell(found.scripts, 'A script was taken out', 'scripts were taken out');
  tell(found.forms, 'A form was taken out', 'forms were taken out');
  tell(found.passwordFields, 'It asked for a password', 'fields asked for passwords');
  tell(found.redirects, 'It would have led to another page by itself', 'times it would have led elsewhere');
  for (const { text, target, flags } of found.links) {
    if (flags.length > 0) lines.push(printable(`The link "${text}" leads to ${target}`));
  }
  return lines;
}

/** The commands that read messages of one place: `content`, `part`, `raw`. */
export function readingCommands(
  group: Command,
  { argument, place }: { argument: string; place: (id: string) => string },
): void {
  const name = group.name();
  withConnection(
    group
      .command(`content <${argument}>`)
      .description('show what is in a message: headers, text, attachments'),
  ).action(async (id: string, options: CommonOptions) => {
    const session = await openSession(options);
    const content = await contentAt(session, place(id));
    session.out.answer(content, () => showContent(session.out, content, `postern ${name} raw ${id}`));
  });
  partCommand(group, { argument, place });
  withConnection(group.command(`raw <${argument}>`).description('write a message as it is kept')).action(
    async (id: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      out.octets(await api.raw(`${place(id)}/raw`));
    },
  );
}

/** `part`: saves an attachment. */
export function partCommand(
  group: Command,
  { argument, place }: { argument: string; place: (id: string) => string },
): void {
  withConnection(
    group
      .command(`part <${argument}> <part>`)
      .description('write an attachment, or any other part, decoded: part 1.2'),
  ).action(async (id: string, part: string, options: CommonOptions) => {
    if (!PART.test(part)) throw usage(`${part} is no number of a part, such as 1.2; the message shows them`);
    const { api, out } = await openSession(options);
    out.octets(await api.raw(`${place(id)}/content/parts/${part}`));
  });
}

export async function contentAt({ api }: Pick<Session, 'api'>, place: string): Promise<MessageContent> {
  return api.get<MessageContent>(`${place}/content`);
}
