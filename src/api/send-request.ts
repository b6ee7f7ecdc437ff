import { z } from 'zod';
import { line } from '../sources/source-fields.ts';

const mailbox = line(320).min(3).describe('`user@example.com`, or `Name <user@example.com>`');

const address = z
  .union([mailbox, z.strictObject({ address: line(320).min(3), name: line(200).default('') })])
  .describe('An address, with or without a display name.');

const addresses = z.union([address, z.array(address).max(10_000)]);

const LONGEST_TEXT = 16 * 1024 * 1024;

/** The JSON form of a message to send. */
export const sendBody = z
  .strictObject({
    from: address,
    to: addresses.default([]),
    cc: addresses.default([]),
    bcc: addresses.default([]).describe('Recipients whom no header names.'),
    replyTo: addresses.default([]),
    subject: line(2000).default(''),
    text: z.string().max(LONGEST_TEXT).optional(),
    html: z.string().max(LONGEST_TEXT).optional(),
    attachments: z
      .array(
        z.strictObject({
          filename: line(255).default(''),
          contentType: z.string().max(255).default('application/octet-stream'),
          content: z.string().describe('Base64.'),
          disposition: z.enum(['attachment', 'inline']).optional(),
          contentId: z
            .string()
            .max(200)
            .optional()
            .describe('For `cid:` references of the HTML; makes it inline.'),
        }),
      )
      .max(100)
      .default([]),
    headers: z
      .record(z.string().max(76), z.string().max(10_000))
      .default({})
      .refine((headers) => Object.keys(headers).length <= 50, 'holds more than 50 fields')
      .describe('Further header fields, such as In-Reply-To or List-Unsubscribe.'),
    envelopeFrom: z
      .union([z.literal(''), line(320).min(3)])
      .optional()
      .describe('MAIL FROM; the address of `from` when it is absent.'),
    requireTls: z.boolean().default(false).describe('Deliver over verified TLS or not at all (RFC 8689).'),
  })
  .refine(
    ({ text, html, attachments }) => text !== undefined || html !== undefined || attachments.length > 0,
    {
      message: 'has no text, no html and no attachment',
      path: ['text'],
    },
  );

export type SendBody = z.output<typeof sendBody>;

/** For `message/rfc822`: the envelope in the query; what is absent is read from the headers. */
export const sendQuery = z.object({
  from: z.string().max(320).optional().describe('Envelope sender; the From header when it is absent.'),
  to: z
    .union([z.string().max(320), z.array(z.string().max(320)).max(10_000)])
    .optional()
    .describe('Recipients, repeated; To, Cc and Bcc when absent.'),
});
