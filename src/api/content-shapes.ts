import { z } from 'zod';

const count = z.int().nonnegative();

const findingsShape = z
  .object({
    remoteImages: count.describe('Pictures that were not fetched.'),
    trackingPixels: count.describe('Of those: so small that they are there to tell who reads.'),
    remoteStyles: count.describe('Style sheets and backgrounds that were not fetched.'),
    scripts: count.describe('Script elements, event handlers and links that run script.'),
    forms: count,
    passwordFields: count,
    embedded: count.describe('Frames, objects, sound and film.'),
    redirects: count.describe('Tags that would have led the reader elsewhere.'),
    missingImages: count.describe(
      'Pictures that the message names and does not carry, or that are too large.',
    ),
    links: z.array(
      z.object({
        text: z.string(),
        target: z.string().describe('Where it leads, as a browser would read it.'),
        flags: z.array(z.enum(['other-domain', 'user-name', 'address', 'international', 'script', 'scheme'])),
      }),
    ),
    moreLinks: z.boolean(),
    tooDeep: z.boolean(),
    cut: z.boolean(),
  })
  .meta({ id: 'HtmlFindings' });

const partShape = z
  .object({
    part: z.string().describe('`1` is the message itself, `1.2` its second part.'),
    type: z.string(),
    encoding: z.string(),
    size: count.describe('Octets as they stand in the message.'),
    name: z.string().optional(),
    get children() {
      return z.array(partShape);
    },
  })
  .meta({ id: 'MessagePart' });

const attachmentShape = z
  .object({
    part: z.string(),
    name: z.string().describe('Harmless: without folders, control characters and marks of direction.'),
    declaredType: z.string(),
    foundType: z.string().optional().describe('What its first octets say.'),
    size: count.describe('Octets, decoded.'),
    exact: z.boolean().describe('False for a large message: the size is reckoned, and there is no hash.'),
    sha256: z.string().optional(),
    inline: z.boolean().describe('The HTML shows it.'),
    flags: z.array(
      z.enum([
        'direction',
        'control',
        'path',
        'double-extension',
        'padding',
        'executable',
        'active',
        'macros',
        'long',
        'disguised',
      ]),
    ),
  })
  .meta({ id: 'Attachment' });

/** What is in a kept message, wherever it is kept. */
export const contentShape = z
  .object({
    size: count,
    headers: z.array(
      z.object({
        name: z.string(),
        value: z.string().describe('Decoded.'),
        raw: z.string().describe('As it stands in the message.'),
      }),
    ),
    text: z
      .object({
        content: z.string(),
        part: z.string(),
        charset: z.string(),
        fromHtml: z.boolean().describe('The message has HTML only: this is what it says.'),
      })
      .optional(),
    html: z.object({ part: z.string(), findings: findingsShape }).optional(),
    structure: partShape,
    attachments: z.array(attachmentShape),
    notices: z.array(
      z.object({
        code: z.enum([
          'too-many-parts',
          'too-deep',
          'too-large-head',
          'too-many-fields',
          'broken-head',
          'repeated-field',
          'repeated-parameter',
          'no-boundary',
          'reused-boundary',
          'unclear-delimiter',
          'missing-end',
          'text-after-end',
          'encoded-multipart',
          'encoded-message',
          'unknown-encoding',
          'external-body',
          'unknown-charset',
          'invalid-octets',
          'direction-marks',
          'text-cut',
          'html-cut',
        ]),
        part: z.string(),
      }),
    ),
  })
  .meta({ id: 'MessageContent' });

export const partNumber = z
  .string()
  .max(200)
  .regex(/^1(?:\.\d{1,4}){0,40}$/, 'is no number of a part: 1, 1.2, 1.2.1');
