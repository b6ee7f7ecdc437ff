import type { TFunction } from 'i18next';
import type { Event } from '../../api/schema.ts';
import type { Formats } from '../../app/format.ts';
import type { Tone } from '../../components/state-badge.tsx';
import type { TimelineEntry } from '../../components/timeline.tsx';
import { type Fields, fieldsOf, hopOf, isolated, number, record, text } from './fields.ts';
import { Words } from './words.tsx';

interface Telling {
  t: TFunction<'message'>;
  format: Formats;
  refusalText: (code: string) => string;
  holdReason: (hold: string) => string;
}

interface Step extends TimelineEntry {
  /** Of the same moment, what comes first. */
  order: number;
}

/** Where events were left out. */
interface Gap extends Pick<TimelineEntry, 'title' | 'children'> {
  /** Identifier of the event before. */
  after: number;
}

const MOST_RECIPIENTS = 5;

/** Each event as one or several sentences, in the order in which it happened. */
export function storyOf(events: readonly Event[], telling: Telling, gap?: Gap): TimelineEntry[] {
  const steps = events.flatMap((event) => tell(event, fieldsOf(event), telling));
  if (!events.some(({ type }) => type === 'connection')) {
    // it is still open: where it came from is known all the same
    const first = events.find((event) => fieldsOf(event).session !== undefined);
    if (first) steps.push(...begun(first, fieldsOf(first), first.at, telling));
  }
  const before = gap && events.find(({ id }) => id === gap.after);
  if (before) steps.push({ key: 'gap', at: before.at, order: 99, title: gap.title, children: gap.children });
  return steps.sort((a, b) => a.at - b.at || a.order - b.order);
}

function tell(event: Event, fields: Fields, telling: Telling): Step[] {
  const { t, refusalText } = telling;
  const { detail } = fields;
  const step = (
    order: number,
    tone: Tone,
    title: string,
    children?: Step['children'],
    suffix = '',
  ): Step => ({
    key: `${event.id}${suffix}`,
    at: event.at,
    order,
    tone,
    title,
    children,
  });
  switch (event.type) {
    case 'connection':
      return ended(event, fields, telling);
    case 'tls-failure':
      return [step(1, 'bad', t('story.tlsFailed'), <Words says={event.text} who={t('who.relay')} />)];
    case 'authentication':
      return [
        step(
          2,
          'good',
          t('story.signedIn', {
            source: isolated(event.sourceName ?? ''),
            method: methodOf(detail['method'], t),
          }),
          accountOf(detail, t),
        ),
      ];
    case 'authentication-failure':
      return [
        step(
          2,
          'bad',
          t('story.signInFailed', { method: methodOf(detail['method'], t) }),
          <Words
            code={event.code}
            meaning={event.code && refusalText(event.code)}
            says={fields.reply}
            who={t('who.relay')}
          />,
        ),
      ];
    case 'refusal':
      return [
        step(
          3,
          'bad',
          event.code === undefined
            ? t('story.refused')
            : t('story.refusedBecause', { why: refusalText(event.code) }),
          <Words
            code={event.code}
            says={fields.reply}
            who={t('who.relay')}
            facts={factsOf(detail, t)}
            recipients={text(detail['command'])?.startsWith('RCPT') ? [String(detail['command'])] : undefined}
          />,
        ),
      ];
    case 'acceptance':
      return accepted(event, fields, telling);
    case 'warning':
      return [warned(event, telling)];
    case 'attempt':
      return [attempted(event, fields, telling)];
    case 'bounce':
      return [
        step(
          11,
          'bad',
          t(fields.outcome === 'dropped' ? 'story.gaveUpSilently' : 'story.gaveUp', {
            sender: isolated(fields.from ?? ''),
          }),
          <Words
            code={event.code}
            meaning={event.code && refusalText(event.code)}
            says={fields.reply}
            recipients={shortened(fields.to, telling)}
          />,
        ),
      ];
    case 'delay':
      return [
        step(
          11,
          'warn',
          t('story.delay', { sender: isolated(fields.from ?? '') }),
          <Words says={event.text} recipients={shortened(fields.to, telling)} />,
        ),
      ];
    case 'system':
      return [system(event, fields, telling)];
    case 'change':
      return [
        step(
          9,
          'info',
          t('story.changed', { name: isolated(text(detail['by']) ?? t('who.somebody')) }),
          event.text,
        ),
      ];
    default:
      return [step(9, event.type === 'alarm' ? 'warn' : 'quiet', t('story.other'), event.text)];
  }
}

/** Of the same moment as the acceptance: where each belongs in it. */
const WARNING_ORDER: Record<string, number> = { alignment: 6.5, 'arc-seal': 6.5, 'signature-broken': 6.5 };
/** `repaired or added: date, message-id` */
const REPAIRED = 'repaired or added: ';

function warned(event: Event, { t }: Telling): Step {
  const { code = 'other', text: said = '' } = event;
  return {
    key: event.id,
    at: event.at,
    order: WARNING_ORDER[code] ?? 5.5,
    tone: code === 'headers-repaired' ? 'info' : 'warn',
    title: t(`warning.${code}`, { defaultValue: t('warning.other') }),
    children:
      code === 'headers-repaired' && said.startsWith(REPAIRED) ? (
        t('story.fields', { fields: said.slice(REPAIRED.length) })
      ) : (
        <Words says={said} />
      ),
  };
}

/** A connection is written down when it ends, with how long it took: its beginning comes first. */
function ended(event: Event, fields: Fields, telling: Telling): Step[] {
  const { t, format } = telling;
  const { detail, outcome = '' } = fields;
  const duration = number(detail['durationMs']) ?? 0;
  const messages = number(detail['messages']) ?? 0;
  return [
    ...begun(event, fields, event.at - duration, telling),
    {
      key: `${event.id} end`,
      at: event.at,
      order: 12,
      tone: outcome === 'quit' || outcome === 'client-closed' ? 'quiet' : 'warn',
      title: t(`ending.${outcome}`, { defaultValue: t('ending.other') }),
      children: t('story.sessionWas', {
        duration: duration < 1000 ? t('story.milliseconds', { number: duration }) : format.duration(duration),
        messages: t('story.messages', { count: messages, number: format.number(messages) }),
      }),
    },
  ];
}

function begun(event: Event, { network, listener, tls, detail }: Fields, at: number, { t }: Telling): Step[] {
  if (network === undefined) return [];
  const hello = text(detail['hello']);
  return [
    {
      key: `${event.id} begin`,
      at,
      order: 0,
      title: t('story.connected', { network }),
      children:
        hello === undefined || hello === ''
          ? t('story.listener', { listener })
          : t('story.hello', { hello: isolated(hello), listener }),
    },
    {
      key: `${event.id} tls`,
      at,
      order: 1,
      tone: tls === undefined ? 'warn' : 'good',
      title: tls === undefined ? t('story.plain') : t('story.encrypted', { version: versionOf(tls) }),
      children: tls === undefined ? undefined : t('story.cipher', { cipher: tls.split(' ')[1] }),
    },
  ];
}

function accepted(event: Event, fields: Fields, telling: Telling): Step[] {
  const { t, format, holdReason } = telling;
  const { detail, from, to = [], size } = fields;
  const edge = detail['edge'] === undefined ? undefined : record(detail['edge']);
  const hold = text(detail['hold']);
  const signed = text(detail['signed']);
  const milliseconds = number(detail['milliseconds']);
  const at = { at: event.at, key: '' };
  const steps: Step[] = [];
  if (edge) steps.push(...proven(event, edge, telling));
  else if (event.sourceName !== undefined) {
    steps.push({
      ...at,
      key: `${event.id} policy`,
      order: 4,
      tone: 'good',
      title: t('story.allowed', { source: isolated(event.sourceName) }),
      children: (
        <Words
          facts={[
            from === '' ? t('story.fromNobody') : t('story.from', { sender: isolated(from ?? '') }),
            ...(text(detail['headerFrom']) === undefined
              ? []
              : [t('story.headerFrom', { author: isolated(String(detail['headerFrom'])) })]),
          ]}
          recipients={shortened(to, telling)}
        />
      ),
    });
  }
  steps.push({
    ...at,
    key: `${event.id} content`,
    order: 5,
    tone: 'good',
    title: t('story.inspected'),
    children: t('story.inspectedText', {
      size: format.bytes(size ?? 0),
      time:
        milliseconds === undefined ? '' : t('story.milliseconds', { number: format.number(milliseconds) }),
    }),
  });
  if (signed !== undefined) {
    steps.push({
      ...at,
      key: `${event.id} signed`,
      order: 6,
      tone: 'good',
      title: t('story.signed', { domain: isolated(signed) }),
    });
  }
  steps.push({
    ...at,
    key: `${event.id} spool`,
    order: 7,
    tone: hold === undefined ? 'good' : 'warn',
    title: hold === undefined ? t('story.stored') : t('story.storedHeld', { why: holdReason(hold) }),
    children: t('story.storedText', { id: event.message }),
  });
  return steps;
}

/** What the edge found out about who wrote it. */
function proven(event: Event, edge: Record<string, unknown>, { t }: Telling): Step[] {
  const dkim = Array.isArray(edge['dkim']) ? edge['dkim'].map(record) : [];
  const results = [
    `SPF ${text(edge['spf']) ?? 'none'}`,
    dkim.length === 0
      ? 'DKIM none'
      : dkim.map(({ domain, result }) => `DKIM ${String(result)} (${isolated(String(domain))})`).join(', '),
    `DMARC ${text(edge['dmarc']) ?? 'none'}`,
  ];
  const reasons = Array.isArray(edge['reasons']) ? edge['reasons'].map(String) : [];
  const placement = text(edge['placement']) ?? 'deliver';
  return [
    {
      key: `${event.id} proof`,
      at: event.at,
      order: 4,
      tone: edge['dmarc'] === 'pass' ? 'good' : placement === 'deliver' ? 'info' : 'warn',
      title: t(edge['dmarc'] === 'pass' ? 'story.proven' : 'story.notProven'),
      children: results.join(' · '),
    },
    {
      key: `${event.id} judged`,
      at: event.at,
      order: 5,
      tone: placement === 'deliver' ? 'good' : 'warn',
      title: t(`story.placement.${placement}`, { defaultValue: placement }),
      children: <Words facts={reasons} />,
    },
  ];
}

const OUTCOMES: Record<string, Tone> = {
  delivered: 'good',
  deferred: 'warn',
  failed: 'bad',
  untried: 'quiet',
};

function attempted(event: Event, fields: Fields, telling: Telling): Step {
  const { t, format, refusalText } = telling;
  const { outcome = 'untried', destination, detail, tls, network } = fields;
  const { route, host } = hopOf(destination);
  const isSandbox = destination?.endsWith('/inbox') === true && network === undefined;
  const attempt = number(detail['attempt']);
  const duration = number(detail['durationMs']) ?? 0;
  const how = [
    attempt === undefined ? undefined : t('story.attempt', { number: format.number(attempt) }),
    isSandbox ? undefined : t('story.route', { route: isolated(route) }),
    network === undefined || network === host ? undefined : network,
    isSandbox || network === undefined ? undefined : tls === undefined ? t('story.plainHop') : versionOf(tls),
    duration < 1000
      ? t('story.milliseconds', { number: format.number(duration) })
      : format.duration(duration),
  ].filter((one) => one !== undefined);
  return {
    key: event.id,
    at: event.at,
    order: 10,
    tone: OUTCOMES[outcome] ?? 'quiet',
    title: isSandbox
      ? t('story.sandboxed')
      : t(`story.outcome.${outcome}`, { host: isolated(host), defaultValue: isolated(host) }),
    children: (
      <Words
        code={event.code}
        meaning={event.code && refusalText(event.code)}
        says={isSandbox ? undefined : fields.reply}
        who={isolated(host)}
        facts={[how.join(' · ')]}
        recipients={shortened(fields.to, telling)}
        remark={event.text === undefined ? undefined : t('story.uncertain')}
      />
    ),
  };
}

function system(event: Event, { detail, outcome = '' }: Fields, { t, format, holdReason }: Telling): Step {
  const queue = record(detail['queue']);
  const verb = text(queue['verb']);
  const count = number(queue['count']) ?? 1;
  const step = { key: event.id, at: event.at, order: 9, tone: verb === 'delete' ? 'bad' : 'info' } as const;
  if (verb === undefined) return { ...step, title: t('story.other'), children: event.text };
  const reason = text(queue['reason']);
  const route = text(queue['route']);
  return {
    ...step,
    title: t(`story.queue.${outcome}${verb === 'reroute' && route === undefined ? 'Back' : ''}`, {
      route: isolated(route ?? ''),
      defaultValue: event.text,
    }),
    children:
      verb === 'hold' && reason !== undefined && reason !== 'operator'
        ? holdReason(reason)
        : count > 1
          ? t('story.deliveries', { count, number: format.number(count) })
          : undefined,
  };
}

function versionOf(tls: string): string {
  return (tls.split(' ')[0] ?? tls).replace(/^TLSv(\d)(?!\.)/, 'TLS $1.0').replace(/^TLSv/, 'TLS ');
}

function methodOf(method: unknown, t: TFunction<'message'>): string {
  const name = text(method) ?? '';
  return t(`method.${name}`, { defaultValue: name });
}

function accountOf(detail: Record<string, unknown>, t: TFunction<'message'>): string | undefined {
  const account = text(detail['account']);
  return account === undefined ? undefined : t('story.account', { account: isolated(account) });
}

/** What the relay compared, of a refusal. */
function factsOf(detail: Record<string, unknown>, t: TFunction<'message'>): string[] {
  return (['envelope', 'header', 'recipient', 'from', 'subject', 'size', 'most'] as const).flatMap((name) => {
    const value = detail[name];
    return (typeof value === 'string' && value !== '') || typeof value === 'number'
      ? [t(`fact.${name}`, { value: isolated(String(value)) })]
      : [];
  });
}

function shortened(to: string[] | undefined, { t, format }: Telling): string[] | undefined {
  if (!to || to.length <= MOST_RECIPIENTS) return to;
  const rest = to.length - MOST_RECIPIENTS;
  return [
    ...to.slice(0, MOST_RECIPIENTS),
    t('story.moreRecipients', { count: rest, number: format.number(rest) }),
  ];
}
