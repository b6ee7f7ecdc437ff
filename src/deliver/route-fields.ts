import { isIP } from 'node:net';
import { z } from 'zod';
import { toALabels } from '../message/address-list.ts';
import { pairProblem } from '../platform/key-pair.ts';
import { line } from '../sources/source-fields.ts';

/** What an administrator may write into a route; the registry refuses with it, and the API publishes it. */

const routeName = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'may hold lower case letters, digits, dots, hyphens and underscores');

const matchDomain = z
  .string()
  .max(255)
  .transform((text, context) => {
    const wild = text.startsWith('*.');
    const domain = toALabels(wild ? text.slice(2) : text);
    if (domain !== undefined) return wild ? `*.${domain}` : domain;
    context.addIssue({ code: 'custom', message: 'is no domain such as corp.example or *.corp.example' });
    return z.NEVER;
  });

const host = z
  .string()
  .max(255)
  .transform((text, context) => {
    if (isIP(text)) return text;
    const name = toALabels(text);
    if (name !== undefined) return name;
    context.addIssue({ code: 'custom', message: 'is no host name or address' });
    return z.NEVER;
  });

const port = z.int().min(1).max(65_535);

const clientCertificate = z
  .strictObject({ certificate: z.string().max(100_000), privateKey: z.string().max(20_000) })
  .superRefine(({ certificate, privateKey }, context) => {
    const problem = pairProblem(certificate, privateKey);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

export const routeTargetFields = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sandbox') }),
  z.strictObject({ kind: z.literal('mx'), port: port.default(25) }),
  z.strictObject({
    kind: z.literal('smarthost'),
    hosts: z.array(z.strictObject({ host, port })).min(1).max(20),
    implicitTls: z.boolean().default(false),
    authentication: z
      .strictObject({ username: line(320).min(1), password: z.string().min(1).max(1024) })
      .optional()
      .describe('The password is sealed at rest, and never shown again.'),
    clientCertificate: clientCertificate
      .optional()
      .describe('PEM; the key is sealed at rest, and never shown again.'),
  }),
]);

export const routeFields = z
  .strictObject({
    name: routeName,
    match: z
      .strictObject({
        source: z.string().max(64).optional(),
        recipientDomain: matchDomain.optional(),
        senderDomain: matchDomain.optional(),
      })
      .default({}),
    target: routeTargetFields,
    tls: z.enum(['none', 'opportunistic', 'verified']).default('opportunistic'),
    connections: z.int().min(1).max(1000).default(10),
    messagesPerConnection: z.int().min(1).max(100_000).default(100),
  })
  .superRefine((route, context) => {
    // a password on a connection that anybody may read or answer is no secret
    if (
      route.target.kind === 'smarthost' &&
      route.target.authentication &&
      route.tls === 'none' &&
      !route.target.implicitTls
    ) {
      context.addIssue({
        code: 'custom',
        path: ['tls'],
        message: 'a password needs TLS: choose verified (or opportunistic on a network that you trust)',
      });
    }
  });
