import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Body } from '../message/content.ts';
import { type MessageOctets, messageOctets } from '../message/mime/octets.ts';
import { contentOf } from '../message/mime/part-content.ts';
import { findPart, viewHtml, viewMessage } from '../message/view.ts';
import { contentShape, partNumber } from './content-shapes.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import type { Api } from './scope.ts';

/** A message that is kept somewhere. */
export interface KeptMessage {
  /** Its name, for the audit log. */
  name: string;
  /** Identifier of its source. */
  source?: string;
  head: Buffer;
  body: Body;
}

/** Where messages are kept that may be read. */
export interface MessagePlace<P extends z.ZodObject> {
  tags: string[];
  /** `/inbox/:id` */
  path: string;
  params: P;
  /** @throws Problem 404 */
  find(params: z.infer<P>): Promise<KeptMessage>;
}

// nothing is fetched, nothing runs, nothing is sent, and what it is shown in is none of its own
const PAGE_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";
const FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'";

/**
 * Reading what is in messages: the same four routes for each place in which some are kept. Only operators may, as what
 * people write to each other is more than what the relay does with it; and each reading stands in the audit log before
 * anything is shown.
 */
export function contentRoutes<P extends z.ZodObject>(
  api: Api,
  context: ApiContext,
  place: MessagePlace<P>,
): void {
  const { tags, path, params } = place;
  const config = { role: 'operator' } as const;

  /** @throws Problem */
  const open = async (
    request: FastifyRequest,
    how: string,
  ): Promise<{ kept: KeptMessage; octets: MessageOctets }> => {
    if (!context.messageContent) {
      throw new Problem(
        403,
        'messages are not shown here; api.messageContent = true in the configuration allows it',
      );
    }
    const kept = await place.find(request.params as z.infer<P>);
    await recordReading(context, request, kept, how);
    return { kept, octets: messageOctets(kept, context.disk) };
  };

  api.get(
    `${path}/content`,
    {
      config,
      schema: {
        tags,
        summary: 'What is in a message: headers, text, attachments, and what to beware of',
        params,
        response: { 200: contentShape },
      },
    },
    async (request) => {
      const { octets } = await open(request, 'read');
      return whileKept(viewMessage(octets));
    },
  );

  api.get(
    `${path}/content/html`,
    {
      config,
      schema: {
        tags,
        summary: 'The HTML of a message, as a page that fetches nothing and does nothing',
        description:
          'For a frame with `sandbox=""`. Without script, forms, links to follow and remote pictures.',
        params,
        response: { 200: { description: 'The page', content: { 'text/html': { schema: z.any() } } } },
      },
    },
    async (request, reply) => {
      const { octets } = await open(request, 'shown as HTML');
      const page = await whileKept(viewHtml(octets));
      if (page === undefined) throw new Problem(404, 'this message has no HTML');
      return protectedBy(reply, PAGE_POLICY).type('text/html; charset=utf-8').send(Buffer.from(page));
    },
  );

  api.get(
    `${path}/content/parts/:part`,
    {
      config,
      schema: {
        tags,
        summary: 'Save an attachment, or any other part, decoded',
        params: params.extend({ part: partNumber }),
        response: {
          200: { description: 'The octets', content: { 'application/octet-stream': { schema: z.any() } } },
        },
      },
    },
    async (request, reply) => {
      const { part: number } = request.params as { part: string };
      const { octets } = await open(request, `part ${number} saved`);
      const found = await whileKept(findPart(octets, number));
      if (!found) throw new Problem(404, `this message has no part ${number}`);
      // never its declared type: nothing that opens it by itself shall know what to do with it
      return protectedBy(reply, FILE_POLICY)
        .type('application/octet-stream')
        .header('content-disposition', attachmentNamed(found.name))
        .send(Readable.from(contentOf(octets, found.part)));
    },
  );

  api.get(
    `${path}/raw`,
    {
      config,
      schema: {
        tags,
        summary: 'The message as it is kept, octet for octet',
        params,
        response: { 200: { description: 'The octets', content: { 'message/rfc822': { schema: z.any() } } } },
      },
    },
    async (request, reply) => {
      const { kept, octets } = await open(request, 'saved');
      return protectedBy(reply, FILE_POLICY)
        .type('message/rfc822')
        .header('content-length', octets.length)
        .header('content-disposition', attachmentNamed(`${kept.name.replace(/^.* /, '')}.eml`))
        .send(Readable.from(octets.read({ start: 0, end: octets.length })));
    },
  );
}

/** @throws Problem 503 when it can not be written, as then nothing is shown either */
async function recordReading(
  context: ApiContext,
  request: FastifyRequest,
  { name, source }: KeptMessage,
  how: string,
): Promise<void> {
  const { audit } = context.people;
  const { kind, id, name: person } = request.principal;
  audit.append({ actor: { kind, id, name: person }, network: request.ip, action: `${name} ${how}`, source });
  try {
    await audit.flush();
  } catch (error) {
    request.log.error({ err: error }, 'the audit log can not be written');
    throw new Problem(503, 'the audit log can not be written now, so no message is shown', {
      retryAfter: 60,
    });
  }
}

/** What is delivered while it is being read has gone: no fault of anybody's. */
async function whileKept<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Problem(404, 'the message was delivered meanwhile and is not kept any more');
  }
}

function protectedBy(reply: FastifyReply, policy: string): FastifyReply {
  return reply
    .header('content-security-policy', policy)
    .header('cross-origin-resource-policy', 'same-origin')
    .header('referrer-policy', 'no-referrer');
}

/** RFC 6266 §4.3, with a name in ASCII for those that do not know the other form. */
export function attachmentNamed(name: string): string {
  const plain = name.replaceAll(/[^\w .-]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
