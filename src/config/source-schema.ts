/** How sources are watched, come and go, authenticate, and are found. */
import { z } from 'zod';
import { count, seconds } from './fields.ts';

export const containmentSchema = z.strictObject({
  mode: z
    .enum(['off', 'watch', 'act'])
    .default('watch')
    .describe('Nothing; alarms alone; or alarms and the steps below. A source may have a mode of its own.'),
  learnDays: count(7, 'Days with messages before a source is judged.'),
  learnMessages: count(20, 'Messages before a source is judged.'),
  alert: count(2, 'Points from which on there is an alarm.'),
  slow: count(4, 'Points from which on more than usual is answered 4xx.'),
  hold: count(5, 'Points from which on its mail is held.'),
  suspend: count(7, 'Points from which on the source is suspended.'),
});

export const lifecycleSchema = z.strictObject({
  brownOutDays: z
    .int()
    .min(0)
    .max(365)
    .default(14)
    .describe('Days of 4xx now and then before a source is retired; 0: at once.'),
  brownOutShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('Share of its attempts that is answered 4xx meanwhile, 0 to 1.'),
  brownOutHours: z
    .array(z.int().min(0).max(23))
    .default([])
    .describe('Hours of the day (UTC) in which all of them are.'),
  requestDays: count(30, 'Days after which a request for a source that nobody approved is closed.'),
  openRequests: count(500, 'Requests that may be open at a time.'),
  openRequestsOfOne: count(20, 'Requests of one person that may be open at a time.'),
});

export const credentialsSchema = z.strictObject({
  warnDays: z
    .array(z.int().min(1).max(365))
    .max(10)
    .default([30, 7, 1])
    .describe('Days before a credential expires at which an alarm is raised and its owner gets a mail.'),
  rotationUnusedHours: z
    .number()
    .positive()
    .max(8760)
    .default(168)
    .describe('A rotation is complete when the old secret was not used for so many hours.'),
  rotationOverdueDays: z
    .number()
    .positive()
    .max(365)
    .default(30)
    .describe('A rotation that takes longer is an alarm, and again each time that so many days have passed.'),
  checkSeconds: seconds(300, 'How often expiry and rotations are looked at.'),
  handoverHours: z
    .number()
    .positive()
    .max(720)
    .default(72)
    .describe('How long a hand-over link works, unless its maker says otherwise.'),
  handoverAddress: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .describe(
      'What hand-over links begin with, such as `https://relay.example.com:8025`; empty: the address by which the administrator reached the API.',
    ),
});

export const discoverySchema = z.strictObject({
  devices: count(
    500,
    'Unknown devices that are remembered; beyond them the one that was not seen longest makes room.',
  ),
  deviceMessages: count(20, 'Messages of one unknown device that are held; above it A312 (451).'),
  deviceBytes: count(52_428_800, 'Octets of one unknown device that are held; above it A312 (451).'),
  messages: count(1000, 'Messages of all unknown devices together that are held.'),
  bytes: count(536_870_912, 'Octets of all unknown devices together that are held.'),
  receptions: count(10, 'Messages of unknown devices that may arrive at the same time.'),
  keepDays: count(30, 'Days after which a device is forgotten that did not come again and has no mail here.'),
});
