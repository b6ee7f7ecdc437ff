import { z } from 'zod';

const values = z.array(z.string().min(1).max(200)).max(100).optional();

const providerSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'expected lower case letters, digits and hyphens' })
    .describe('Name in addresses: the provider sends people back to `/api/v1/session/oidc/NAME/callback`.'),
  label: z.string().max(60).default('').describe('What stands on the button; the name when empty.'),
  issuer: z
    .url()
    .describe(
      'Issuer. For Microsoft Entra ID `https://login.microsoftonline.com/TENANT/v2.0` with the tenant in it.',
    ),
  clientId: z.string().min(1).describe('Client identifier that the provider has given.'),
  clientSecret: z
    .string()
    .default('')
    .describe('Client secret; better in the environment: `POSTERN_PEOPLE__PROVIDER__0__CLIENT_SECRET`.'),
  scopes: z.string().default('openid profile email').describe('What is asked for.'),
  roleClaim: z
    .string()
    .default('roles')
    .describe('Claim of the ID token that decides the role: `roles` for app roles, `groups` for groups.'),
  roles: z
    .strictObject({ owner: values, operator: values, auditor: values, 'source-owner': values })
    .default({})
    .describe(
      'Values of the claim that give each role. Without any, only people who were added here may sign in.',
    ),
  trustEmail: z
    .boolean()
    .default(false)
    .describe(
      'Takes the e-mail address as true without `email_verified`. Only for a provider whose users can not choose it.',
    ),
});

/** Signing in of people who administer the relay. */
export const peopleSchema = z.strictObject({
  publicUrl: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .describe(
      'Address that people open in a browser, `https://relay.example.com:8025`. Passkeys and sign-in of the organisation need it.',
    ),
  sessionIdleMinutes: z
    .number()
    .positive()
    .max(1440)
    .default(30)
    .describe('Minutes without a request after which somebody has to sign in again.'),
  sessionHours: z
    .number()
    .positive()
    .max(168)
    .default(12)
    .describe('Hours after which somebody has to sign in again in any case.'),
  secondFactor: z
    .enum(['optional', 'required'])
    .default('optional')
    .describe(
      'Whether a password alone is enough. `required`: without a second factor one can only set it up.',
    ),
  provider: z
    .array(providerSchema)
    .max(20)
    .default([])
    .describe("The organisation's own sign-in (OpenID Connect)."),
});
