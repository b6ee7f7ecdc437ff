import { z } from 'zod';
import { type Channel, channelFields } from '../../alerts/channel.ts';
import { muteFields } from '../../alerts/mute.ts';
import { ruleFields } from '../../alerts/rule.ts';
import { alertShape, channelShape, messageShape, muteShape } from '../alert-shapes.ts';
import { showAlert, showChannel, showMessage, showMute } from '../alert-views.ts';
import { difference, recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { contentTags, cursor, PAGE, pageSize, readCursor, writeCursor } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { page } from '../shapes.ts';
import { findSource, refuseStale } from './sources.ts';

const named = z.object({ name: z.string().max(64) });
const identified = z.object({ id: z.string().max(40) });
const condition = z.object({ 'if-match': z.string().max(100).optional() });
const position = z.object({ at: z.number(), id: z.string().max(40) });
const owner = { role: 'owner' } as const;

/** Alerts, and what makes them and carries them. */
export function alertRoutes(api: Api, context: ApiContext): void {
  alertsThemselves(api, context);
  rules(api, context);
  channels(api, context);
  mutes(api, context);
}

function alertsThemselves(api: Api, context: ApiContext): void {
  const tags = ['Alerts'];

  api.get(
    '/alerts',
    {
      schema: {
        tags,
        summary: 'List alerts, newest first',
        querystring: z.object({
          state: z.enum(['open', 'closed']).optional(),
          rule: z.string().max(64).optional(),
          source: z.string().max(100).optional().describe('Name or identifier.'),
          limit: pageSize,
          cursor,
        }),
        response: { 200: page(alertShape) },
      },
    },
    async ({ query }) => {
      const { state, rule, limit = PAGE } = query;
      const source = query.source && (context.sources.byName(query.source)?.id ?? query.source);
      const before = readCursor(position, query.cursor);
      const found = await context.alerts.list({ state, rule, source }, limit + 1, before);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const next = found.length > limit && last ? writeCursor({ at: last.firstAt, id: last.id }) : undefined;
      return { items: items.map((alert) => showAlert(context, alert)), next };
    },
  );

  api.get(
    '/alerts/:id',
    {
      schema: {
        tags,
        summary: 'Show an alert and every message about it',
        params: identified,
        response: { 200: alertShape.extend({ messages: z.array(messageShape) }) },
      },
    },
    async ({ params }) => {
      const found = await context.alerts.byId(params.id);
      if (!found) throw new Problem(404, `there is no alert ${JSON.stringify(params.id)}`);
      return { ...showAlert(context, found.alert), messages: found.messages.map(showMessage) };
    },
  );

  api.post(
    '/alerts/:id/acknowledge',
    {
      schema: {
        tags,
        summary: 'Say that you know: it is not told again until it is over',
        params: identified,
        response: { 200: alertShape },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await context.alerts.acknowledge(id, request.principal.name))) {
        throw new Problem(404, `there is no open alert ${JSON.stringify(id)}`);
      }
      recordChange(context, request, `alert ${id} acknowledged`);
      const found = await context.alerts.byId(id);
      if (!found) throw new Problem(404, `there is no open alert ${JSON.stringify(id)}`);
      return showAlert(context, found.alert);
    },
  );
}

function rules(api: Api, context: ApiContext): void {
  const tags = ['Alerts'];
  const { settings } = context.alerts;
  const tagOf = contentTags(context.random);
  const find = (name: string) => {
    const rule = settings.rule(name);
    if (!rule) throw new Problem(404, `there is no alert rule ${JSON.stringify(name)}`);
    return rule;
  };
  const stillAs = (tag: string | undefined, name: string) => () => {
    const before = settings.rule(name);
    if (before) refuseStale(tag, tagOf(before));
    else if (tag !== undefined) throw new Problem(412, `there is no alert rule ${name}`);
  };

  api.get(
    '/alert-rules',
    { schema: { tags, summary: 'List rules', response: { 200: z.object({ items: z.array(ruleFields) }) } } },
    async () => ({ items: settings.rules() }),
  );

  api.get(
    '/alert-rules/:name',
    { schema: { tags, summary: 'Show a rule', params: named, response: { 200: ruleFields } } },
    async ({ params }, reply) => {
      const rule = find(params.name);
      return reply.header('etag', tagOf(rule)).send(rule);
    },
  );

  api.put(
    '/alert-rules/:name',
    {
      schema: {
        tags,
        summary: 'Add a rule, or replace the one of that name',
        description: 'Built-in rules are changed in the same way. `when.source` is a name or an identifier.',
        params: named,
        headers: condition,
        body: ruleFields.omit({ name: true }),
        response: { 200: ruleFields },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const before = settings.rule(params.name);
      const { when } = body;
      const source =
        when.kind === 'events' && when.source !== undefined ? findSource(context, when.source).id : undefined;
      const fields = {
        ...body,
        name: params.name,
        when: when.kind === 'events' ? { ...when, source } : when,
      };
      const rule = await settings.setRule(fields, stillAs(request.headers['if-match'], params.name));
      recordChange(
        context,
        request,
        `alert rule ${rule.name} ${before ? 'changed' : 'added'}`,
        before ? difference(before, rule) : { after: rule },
      );
      return reply.header('etag', tagOf(rule)).send(rule);
    },
  );

  api.delete(
    '/alert-rules/:name',
    {
      schema: {
        tags,
        summary: 'Remove a rule; a built-in one becomes what it was',
        params: named,
        headers: condition,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const before = find(request.params.name);
      await settings.removeRule(before.name, stillAs(request.headers['if-match'], before.name));
      recordChange(context, request, `alert rule ${before.name} removed`, { before });
      return reply.code(204).send();
    },
  );
}

function channels(api: Api, context: ApiContext): void {
  const tags = ['Alerts'];
  const { settings } = context.alerts;
  const tagOf = contentTags(context.random);
  const find = (name: string) => {
    const channel = settings.channel(name);
    if (!channel) throw new Problem(404, `there is no alert channel ${JSON.stringify(name)}`);
    return channel;
  };
  const stillAs = (tag: string | undefined, name: string) => () => {
    const before = settings.channel(name);
    if (before) refuseStale(tag, tagOf(before));
    else if (tag !== undefined) throw new Problem(412, `there is no alert channel ${name}`);
  };

  api.get(
    '/alert-channels',
    {
      schema: {
        tags,
        summary: 'List channels',
        response: { 200: z.object({ items: z.array(channelShape) }) },
      },
    },
    async () => ({ items: settings.channels().map((channel) => showChannel(context, channel)) }),
  );

  api.get(
    '/alert-channels/:name',
    { schema: { tags, summary: 'Show a channel', params: named, response: { 200: channelShape } } },
    async ({ params }, reply) => {
      const channel = find(params.name);
      return reply.header('etag', tagOf(channel)).send(showChannel(context, channel));
    },
  );

  api.put(
    '/alert-channels/:name',
    {
      config: owner,
      schema: {
        tags,
        summary: 'Add a channel, or replace the one of that name',
        description:
          'Secrets are never shown again. An edit without them keeps those it has, as long as they go to the same server.',
        params: named,
        headers: condition,
        body: channelFields.omit({ name: true }),
        response: {
          200: channelShape.extend({
            secret: z.string().optional().describe('The new secret that signs; shown this once.'),
          }),
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const before = settings.channel(name);
      const still = stillAs(request.headers['if-match'], name);
      const fields = { ...request.body, name, settings: withSourceId(context, request.body.settings) };
      const { channel, newSecret } = await settings.setChannel(fields, still);
      const shown = showChannel(context, channel);
      recordChange(context, request, `alert channel ${name} ${before ? 'changed' : 'added'}`, {
        before: before && showChannel(context, before),
        after: shown,
      });
      return reply.header('etag', tagOf(channel)).send({ ...shown, secret: newSecret });
    },
  );

  api.delete(
    '/alert-channels/:name',
    {
      config: owner,
      schema: {
        tags,
        summary: 'Remove a channel',
        params: named,
        headers: condition,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const before = find(request.params.name);
      await settings.removeChannel(before.name, stillAs(request.headers['if-match'], before.name));
      recordChange(context, request, `alert channel ${before.name} removed`, {
        before: showChannel(context, before),
      });
      return reply.code(204).send();
    },
  );

  api.post(
    '/alert-channels/:name/test',
    {
      schema: {
        tags,
        summary: 'Send a message to try a channel, once and now',
        params: named,
        response: {
          200: z.object({
            sent: z.boolean(),
            error: z.string().optional().describe('Why it was not taken.'),
          }),
        },
      },
    },
    async ({ params }) => {
      const error = await context.alerts.test(find(params.name));
      return { sent: error === undefined, error };
    },
  );
}

/** Streams are limited to a source by its identifier: its name may change. */
function withSourceId(context: ApiContext, settings: Channel['settings']): Channel['settings'] {
  if ((settings.kind !== 'syslog' && settings.kind !== 'otlp') || settings.events?.source === undefined) {
    return settings;
  }
  const source = findSource(context, settings.events.source).id;
  return { ...settings, events: { ...settings.events, source } };
}

function mutes(api: Api, context: ApiContext): void {
  const tags = ['Alerts'];
  const { settings } = context.alerts;

  api.get(
    '/alert-mutes',
    {
      schema: {
        tags,
        summary: 'List what is not told now',
        response: { 200: z.object({ items: z.array(muteShape) }) },
      },
    },
    async () => ({ items: settings.mutes().map((mute) => showMute(context, mute)) }),
  );

  api.post(
    '/alert-mutes',
    {
      schema: {
        tags,
        summary: 'Tell nothing of a rule, code or source until a time',
        description: 'Alerts are counted and shown all the same. `source` is a name or an identifier.',
        body: muteFields,
        response: { 201: muteShape },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const source = body.source === undefined ? undefined : findSource(context, body.source).id;
      const mute = await settings.addMute({ ...body, source }, request.principal.name);
      recordChange(context, request, `alerts muted until ${new Date(mute.until).toISOString()}`, {
        source,
        after: mute,
      });
      return reply.code(201).send(showMute(context, mute));
    },
  );

  api.delete(
    '/alert-mutes/:id',
    { schema: { tags, summary: 'End a mute', params: identified, response: { 204: z.undefined() } } },
    async (request, reply) => {
      const mute = await settings.removeMute(request.params.id);
      recordChange(context, request, `mute ${mute.id} ended`, { source: mute.source, before: mute });
      return reply.code(204).send();
    },
  );
}
