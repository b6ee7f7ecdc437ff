import { z } from 'zod';
import { type Device, pairsOf } from '../../sources/discovery/device.ts';
import { accountName, line, network, policyFields, sourceFields } from '../../sources/source-fields.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext, DiscoveryRooms } from '../context.ts';
import { cursor, etagOf, PAGE, pageSize, readCursor, writeCursor } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { credentialShape, page, sourceShape } from '../shapes.ts';
import { showCredential } from '../views.ts';
import { showSource } from './sources.ts';

const at = z.number().describe('Milliseconds since the epoch.');
const counted = z.array(z.object({ value: z.string(), count: z.int() }));
const amount = z.object({ messages: z.number(), bytes: z.number() });

export const deviceShape = z
  .object({
    id: z.string(),
    network: z.string().describe('An IPv4 address, or the /64 of an IPv6 address.'),
    state: z
      .enum(['pending', 'approved'])
      .describe('`approved`: some of its held mail could not be released yet.'),
    source: z.string().optional().describe('Name of the pending source of its held mail.'),
    firstSeenAt: at,
    lastSeenAt: at,
    connections: z.int(),
    messages: z.int(),
    messagesWithoutTls: z.int(),
    withoutFrom: z.int().describe('Messages without a From field.'),
    held: amount.describe('What waits for approval.'),
    bytes: z.number(),
    largest: z.number().describe('Octets of the largest message.'),
    mostRecipients: z.int(),
    mostConnections: z.int(),
    hours: z.array(z.int()).describe('Messages by hour of the day, UTC.'),
    peaks: z.object({ minute: amount, hour: amount, day: amount }),
    addresses: counted,
    listeners: counted,
    hellos: counted.describe('What it called itself in EHLO or HELO.'),
    tls: counted.describe('Versions and ciphers that were used.'),
    serverNames: counted.describe('SNI.'),
    tlsFailures: counted,
    mechanisms: counted.describe('AUTH that it tried.'),
    accounts: z.array(
      z.object({
        value: z.string(),
        count: z.int(),
        source: z.string().optional().describe('The source that has this account.'),
      }),
    ),
    pairs: z.array(z.object({ envelope: z.string(), header: z.string(), count: z.int() })),
    recipientDomains: counted,
    recipients: counted,
    refusals: counted,
    others: z.record(z.string(), z.int()).describe('By list: sights of values that found no place in it.'),
  })
  .meta({ id: 'DiscoveredDevice' });

export const planShape = z
  .object({
    name: z.string(),
    owner: z.string(),
    description: z.string(),
    policy: policyFields,
    credential: z.object({
      kind: z.enum(['network', 'password']),
      account: z.string().optional(),
      networks: z.array(z.string()),
    }),
    remarks: z.array(z.string()).describe('What no policy can allow, or what somebody should know.'),
  })
  .meta({ id: 'ApprovalPlan' });

export const approvedShape = z.object({
  source: sourceShape,
  credential: credentialShape.optional(),
  password: z.string().optional().describe('Shown this once.'),
  released: z.array(z.object({ message: z.string(), as: z.string() })),
  refused: z.array(z.object({ message: z.string(), code: z.string().optional(), text: z.string() })),
  dropped: z.int(),
});

const wishes = z.strictObject({
  name: sourceFields.shape.name.optional(),
  owner: sourceFields.shape.owner.optional(),
  description: sourceFields.shape.description.optional(),
  policy: policyFields.partial().optional().describe('Fields that are to be otherwise than what was seen.'),
  credential: z
    .enum(['network', 'password'])
    .optional()
    .describe('Absent: a password when the device tried AUTH, its network otherwise.'),
  account: accountName.optional(),
});

const parameters = z.object({
  device: line(100).describe('Identifier, network or address of the device; a /64 is written with %2F.'),
});

/** @throws Problem 404 */
function findDevice({ devices }: DiscoveryRooms, name: string): Device {
  const device = devices.find(name);
  if (!device)
    throw new Problem(
      404,
      `there is no unknown device ${JSON.stringify(name)}: it was not seen, or was approved or dismissed`,
    );
  return device;
}

/** Discovery: devices that connect to a listener that learns, and are no known source. */
export function discoveryRoutes(api: Api, context: ApiContext): void {
  const tags = ['Discovery'];
  const { discovery } = context;

  const show = (device: Device): z.infer<typeof deviceShape> => {
    const { seen, source, approved, current: _, ...same } = device;
    const { pairs: __, accounts, ...tallies } = seen;
    const lists = Object.fromEntries(Object.entries(tallies).map(([topic, tally]) => [topic, tally.seen]));
    return {
      ...same,
      ...(lists as Record<keyof typeof tallies, { value: string; count: number }[]>),
      state: approved ? 'approved' : 'pending',
      source: source === undefined ? undefined : context.sources.byId(source)?.name,
      held: { ...discovery.held.of(device) },
      pairs: pairsOf(device),
      accounts: accounts.seen.map((one) => ({ ...one, source: sourceOf(context, one.value) })),
      others: Object.fromEntries(
        Object.entries(seen)
          .filter(([, { others }]) => others > 0)
          .map(([topic, { others }]) => [topic, others]),
      ),
    };
  };

  api.get(
    '/discovery',
    {
      schema: {
        tags,
        summary: 'List unknown devices, the last seen first',
        querystring: z.object({ limit: pageSize, cursor }),
        response: { 200: page(deviceShape) },
      },
    },
    async ({ query }) => {
      const most = query.limit ?? PAGE;
      // counted from the front: what was seen meanwhile may move, and nothing is shown as missing
      const start = readCursor(z.int().min(0), query.cursor) ?? 0;
      const all = discovery.devices.list();
      const items = all.slice(start, start + most).map(show);
      return { items, next: all.length > start + most ? writeCursor(start + most) : undefined };
    },
  );

  api.get(
    '/discovery/:device',
    {
      schema: {
        tags,
        summary: 'Show what was seen of a device',
        params: parameters,
        response: { 200: deviceShape },
      },
    },
    async ({ params }) => show(findDevice(discovery, params.device)),
  );

  api.post(
    '/discovery/:device/plan',
    {
      schema: {
        tags,
        summary: 'Show the source that approval would make: the tightest policy that fits what was seen',
        description: 'Nothing is changed. The ETag, given as If-Match to approve, approves this very plan.',
        params: parameters,
        body: wishes,
        response: { 200: planShape },
      },
    },
    async ({ params, body }, reply) => {
      const plan = discovery.approval.plan(findDevice(discovery, params.device), body);
      return reply.header('etag', etagOf(plan.tag)).send(plan);
    },
  );

  api.post(
    '/discovery/:device/approve',
    {
      schema: {
        tags,
        summary: 'Make a device a source, and let its held mail go on or drop it',
        description:
          'Held mail is judged anew by the policy that was approved, and signed; what it does not allow stays held. Approving again goes on with what is left.',
        params: parameters,
        headers: z.object({ 'if-match': z.string().max(100).optional() }),
        body: wishes.extend({
          held: z.enum(['release', 'drop']).default('release').describe('What becomes of its held mail.'),
        }),
        response: {
          200: approvedShape,
        },
      },
    },
    async (request) => {
      const device = findDevice(discovery, request.params.device);
      const { held, ...wanted } = request.body;
      // a condition in another form than ours is one that is not met
      const condition = request.headers['if-match'];
      const expected = condition === '*' ? undefined : condition?.replace(/^"(.*)"$/, '$1');
      const by = request.principal.name;
      const approved = await discovery.approval.approve(device, wanted, held, expected, by);
      const { source, credential, released, refused, dropped } = approved;
      const shown = credential && showCredential(credential);
      recordChange(
        context,
        request,
        `unknown device at ${device.network} approved as source ${source.name}: ${released.length} held messages released, ${refused.length} refused, ${dropped} dropped`,
        { source: source.id, after: { source, credential: shown } },
      );
      return { ...approved, source: showSource(context, source), credential: shown };
    },
  );

  api.post(
    '/discovery/:device/dismiss',
    {
      schema: {
        tags,
        summary: 'Forget a device and delete its held mail; with block, record it no more',
        params: parameters,
        body: z.strictObject({ block: z.boolean().default(false) }),
        response: { 200: z.object({ dropped: z.int().describe('Held messages that were deleted.') }) },
      },
    },
    async (request) => {
      const device = findDevice(discovery, request.params.device);
      const { block } = request.body;
      const outcome = await discovery.approval.dismiss(device, block);
      recordChange(
        context,
        request,
        `unknown device at ${device.network} dismissed${block ? ' and blocked' : ''}: ${outcome.dropped} held messages deleted`,
        { after: { device: device.id, network: device.network, block, ...outcome } },
      );
      return outcome;
    },
  );

  blockRoutes(api, context, tags);
}

function blockRoutes(api: Api, context: ApiContext, tags: string[]): void {
  const { devices } = context.discovery;
  const blockShape = z.object({ network: z.string(), createdAt: at }).meta({ id: 'DiscoveryBlock' });
  const body = z.strictObject({ network });

  api.get(
    '/discovery-blocks',
    {
      schema: {
        tags,
        summary: 'List the networks from which no device is recorded',
        response: { 200: z.object({ items: z.array(blockShape) }) },
      },
    },
    async () => ({ items: devices.blocks() }),
  );

  api.post(
    '/discovery-blocks',
    {
      schema: {
        tags,
        summary: 'Record no device of a network any more; it is refused as on any other listener',
        body,
        response: { 201: blockShape },
      },
    },
    async (request, reply) => {
      const block = await devices.block(request.body.network);
      recordChange(context, request, `discovery: network ${block.network} blocked`, { after: block });
      return reply.code(201).send(block);
    },
  );

  api.delete(
    '/discovery-blocks/:network',
    {
      schema: {
        tags,
        summary: 'Record devices of a network again',
        params: z.object({ network: network.describe('CIDR block, its slash written %2F.') }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { network: blocked } = request.params;
      await devices.unblock(blocked);
      recordChange(context, request, `discovery: network ${blocked} no longer blocked`, {
        before: { network: blocked },
      });
      return reply.code(204).send();
    },
  );
}

function sourceOf({ sources }: ApiContext, account: string): string | undefined {
  const [credential] = sources.byAccount(account);
  return credential && sources.byId(credential.source)?.name;
}
