import type { Command } from 'commander';
import type { z } from 'zod';
import type { containedShape, normalShape } from '../../api/routes/containment.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { usage } from '../failure.ts';
import { octets, type Output, when } from '../output.ts';
import { confirm } from '../values.ts';

type Contained = z.infer<typeof containedShape>;
type Usual = z.infer<typeof normalShape>;

/** Of the worst; more are no list to read. */
const MOST_LISTED = 5000;

const path = (source: string) => `/sources/${encodeURIComponent(source)}`;

export function containmentCommand(postern: Command): void {
  const containment = postern
    .command('containment')
    .description('sources that do what they do not usually do');

  withConnection(containment.command('list').description('list them, the worst first')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const items = await api.list<Contained>('/containment', {}, MOST_LISTED);
      out.answer(items, () =>
        out.table(
          ['SOURCE', 'LEVEL', 'SINCE', 'HELD', 'WHAT IS UNUSUAL'],
          items.map((one) => [
            one.sourceName,
            one.mode === 'act' ? one.level : `${one.level} (watched)`,
            when(one.levelAt),
            String(one.held ?? 0),
            one.deviations.map(({ text }) => text).join('; '),
          ]),
          'Every source does what it usually does.',
        ),
      );
    },
  );

  withConnection(
    containment.command('show <source>').description('what a source usually does, and what is unusual'),
  ).action(async (source: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const usual = await api.get<Usual>(`${path(source)}/normal`);
    out.answer(usual, () => showUsual(out, usual));
  });

  withConnection(
    containment
      .command('expected <source>')
      .description('it was meant: it is usual from now on, and what was held is released')
      .option('--keep', 'leave what was held in the queue'),
  ).action(async (source: string, options: CommonOptions & { keep?: boolean }) => {
    const { api, out } = await openSession(options);
    const answer = await api.send<{ released: number; state: string }>(
      'POST',
      `${path(source)}/containment`,
      { answer: 'expected', ...(options.keep ? { held: 'keep' } : {}) },
    );
    out.answer(answer, () => {
      out.done(`Taken as usual; ${answer.released} deliveries released.`);
      if (answer.state === 'suspended') {
        out.note(`${source} is suspended all the same: postern source enable ${source}`);
      }
    });
  });

  withConnection(
    containment
      .command('attack <source>')
      .description('it was an attack: the source is suspended, and what was held is deleted')
      .option('--keep', 'leave what was held in the queue')
      .option('--yes', 'do not ask'),
  ).action(async (source: string, options: CommonOptions & { keep?: boolean; yes?: boolean }) => {
    const { api, out } = await openSession(options);
    if (!options.keep) await confirm(`Delete what was held of ${source}? Nobody is told.`, options.yes);
    const answer = await api.send<{ deleted: number; state: string }>('POST', `${path(source)}/containment`, {
      answer: 'attack',
      ...(options.keep ? { held: 'keep' } : {}),
    });
    out.answer(answer, () => out.done(`${source} is ${answer.state}; ${answer.deleted} deliveries deleted.`));
  });

  withConnection(
    containment
      .command('mode <source> <mode>')
      .description('how a source is watched: off, watch, act, or relay (as the configuration says)'),
  ).action(async (source: string, mode: string, options: CommonOptions) => {
    if (!['off', 'watch', 'act', 'relay'].includes(mode)) {
      throw usage(`${JSON.stringify(mode)} is no mode: off, watch, act or relay`);
    }
    const { api, out } = await openSession(options);
    const set = await api.send<Contained>('PUT', `${path(source)}/containment/mode`, {
      mode: mode === 'relay' ? null : mode,
    });
    out.answer(set, () => out.done(`${source}: ${set.mode}${set.ownMode ? '' : ', as the relay'}.`));
  });
}

function showUsual(out: Output, usual: Usual): void {
  const { normal } = usual;
  out.fields([
    ['Source', usual.sourceName],
    ['Level', usual.level === 'none' ? 'none' : `${usual.level}, since ${when(usual.levelAt)}`],
    ['Mode', usual.ownMode ? usual.mode : `${usual.mode} (as the relay)`],
    ['Unusual', usual.deviations.map(({ text }) => text).join('\n')],
    ['Held', usual.held ? `${usual.held} deliveries` : undefined],
    [
      'Known',
      `${normal.messages} messages on ${normal.days} days, since ${when(normal.since)}${normal.ripe ? '' : '; not yet judged'}`,
    ],
    ['Networks', normal.networks.slice(0, 10).join('\n')],
    ['Writes to', shortened(normal.domains)],
    ['Active (UTC)', hoursOf(normal.hours)],
    [
      'Busiest hour',
      `${normal.busiest.messages} messages, ${normal.busiest.newDomains} new domains, ${octets(normal.busiest.octets)}, largest ${octets(normal.busiest.largest)}`,
    ],
    ['Refused for good', `${Math.round(normal.failureShare * 100)} %`],
  ]);
  if (usual.level === 'none') return;
  out.line();
  out.line(`It was meant:        postern containment expected ${usual.sourceName}`);
  out.line(`It was an attack:    postern containment attack ${usual.sourceName}`);
}

function shortened(names: string[]): string {
  const shown = names.slice(-12).join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}

/** `working days 06-18, weekend never` */
function hoursOf(hours: number[]): string {
  const part = (name: string, counts: number[]): string => {
    const active = counts.flatMap((count, hour) => (count > 0 ? [hour] : []));
    if (active.length === 0) return `${name} never`;
    const ranges: [number, number][] = [];
    for (const hour of active) {
      const last = ranges.at(-1);
      if (last && last[1] === hour - 1) last[1] = hour;
      else ranges.push([hour, hour]);
    }
    return `${name} ${ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')}`;
  };
  return `${part('working days', hours.slice(0, 24))}; ${part('weekend', hours.slice(24))}`;
}
