import { z } from 'zod';
import { mostFrequent, assess } from '../../sources/compatibility/profile.ts';
import { TRAITS, type Fingerprint } from '../../sources/compatibility/fingerprint.ts';
import { SHEET_FORMATS, writeSheet } from '../../sources/compatibility/sheet-formats.ts';
import { SHEET_LANGUAGES } from '../../sources/compatibility/sheet-texts.ts';
import { type SheetListener, sheetOf } from '../../sources/compatibility/sheet.ts';
import { EXCEPTION_KIND_NAMES, type Exception } from '../../sources/exceptions/exception.ts';
import type { Source } from '../../sources/source.ts';
import { inNetworks } from '../../submission/network.ts';
import type { ApiContext } from '../context.ts';
import type { Api } from '../scope.ts';
import { findSource, sourceParameters } from './sources.ts';

const at = z.number().describe('Milliseconds since the epoch.');

export const compatibilityShape = z
  .object({
    source: z.string(),
    firstAt: at.optional(),
    lastAt: at.optional(),
    connections: z.int(),
    messages: z.int(),
    largest: z.number().describe('Octets of its largest message.'),
    seen: z
      .record(
        z.enum(TRAITS),
        z.array(z.object({ value: z.string(), count: z.int(), firstAt: at, lastAt: at })),
      )
      .describe('What it was seen to do; of each at most 16 values.'),
    profile: z.object({
      name: z.enum(['modern', 'standard', 'legacy', 'unknown']),
      tls: z.string().optional().describe('The oldest version of the last 30 days; `none` without TLS.'),
      keyExchange: z.enum(['ephemeral', 'rsa']).optional(),
      methods: z.array(z.string()),
      needs: z.array(z.enum(EXCEPTION_KIND_NAMES)).describe('Exceptions that it can not do without.'),
      sure: z.boolean().describe('At least 10 connections over 7 days were seen.'),
    }),
    advice: z.array(
      z.object({
        code: z.string(),
        text: z.string(),
        command: z.string().optional(),
        exception: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Compatibility' });

const sheetShape = z
  .object({
    language: z.enum(SHEET_LANGUAGES),
    title: z.string(),
    subtitle: z.string(),
    rows: z.array(z.object({ label: z.string(), value: z.string() })),
    notes: z.array(z.string()),
  })
  .meta({ id: 'SettingsSheet' });

const TYPES = {
  text: 'text/plain; charset=utf-8',
  markdown: 'text/markdown; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
} as const;

/** What a source can do, by what was seen of it, and what to type into the device. */
export function compatibilityRoutes(api: Api, context: ApiContext): void {
  const tags = ['Compatibility'];

  api.get(
    '/sources/:name/compatibility',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'What a source was seen to be able to do, and the tightest settings that would still work',
        params: sourceParameters,
        response: { 200: compatibilityShape },
      },
    },
    async ({ params }) => {
      const source = findSource(context, params.name);
      const seen = await context.fingerprints.get(source.id);
      const { profile, advice } = assessed(context, source, seen);
      const traits = TRAITS.map((trait) => [trait, mostFrequent(seen?.seen[trait] ?? {})] as const);
      return {
        source: source.name,
        firstAt: seen?.firstAt,
        lastAt: seen?.lastAt,
        connections: seen?.connections ?? 0,
        messages: seen?.messages ?? 0,
        largest: seen?.largest ?? 0,
        seen: Object.fromEntries(traits) as z.infer<typeof compatibilityShape>['seen'],
        profile,
        advice,
      };
    },
  );

  api.get(
    '/sources/:name/sheet',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: "What to type into the device's panel, to read, print or send; never a password",
        params: sourceParameters,
        querystring: z.object({
          format: z.enum(SHEET_FORMATS).default('text'),
          language: z.enum(SHEET_LANGUAGES).default('en'),
        }),
        response: { 200: z.union([z.string(), sheetShape]) },
      },
    },
    async ({ params, query }, reply) => {
      const source = findSource(context, params.name);
      const seen = await context.fingerprints.get(source.id);
      const { hostname } = context.status();
      const sheet = sheetOf(
        {
          hostname,
          source,
          credentials: context.sources.credentials(source.id),
          listeners: listenersOf(context),
          profile: assessed(context, source, seen).profile,
          withoutTls: addressesOf(context, source, seen).some(
            (address) => context.exceptions.forAddress('no-tls', address) !== undefined,
          ),
          hellos: mostFrequent(seen?.seen.hello ?? {}).map(({ value }) => value),
          messageBytes: context.messageBytes,
          now: context.clock.now(),
        },
        query.language,
      );
      return reply
        .type(TYPES[query.format])
        .header(
          'content-security-policy',
          "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        )
        .serializer((text: string) => text)
        .send(writeSheet(sheet, query.format));
    },
  );
}

function assessed(context: ApiContext, source: Source, seen: Fingerprint | undefined) {
  const addresses = addressesOf(context, source, seen);
  const concerns = (exception: Exception): boolean =>
    exception.source === source.id ||
    (exception.source === undefined && addresses.some((address) => inNetworks(address, exception.networks)));
  return assess(
    {
      id: source.id,
      name: source.name,
      policy: source.policy,
      credentials: context.sources.credentials(source.id),
      exceptions: context.exceptions.list().filter(concerns),
    },
    seen,
    context.clock.now(),
  );
}

/** From where it was seen, and where its credentials say that it is. */
function addressesOf(context: ApiContext, source: Source, seen: Fingerprint | undefined): string[] {
  const blocks = context.sources.credentials(source.id).flatMap(({ networks }) => networks);
  return [...Object.keys(seen?.seen.network ?? {}), ...blocks.map((block) => block.split('/')[0] ?? '')];
}

function listenersOf(context: ApiContext): SheetListener[] {
  return context.status().listeners.flatMap(({ name, address }) => {
    const settings = context.listenerSettings.find((one) => one.name === name);
    const colon = address.lastIndexOf(':');
    const host = address.slice(0, colon).replaceAll(/[[\]]/g, '');
    return settings ? [{ ...settings, host, port: Number(address.slice(colon + 1)) }] : [];
  });
}
