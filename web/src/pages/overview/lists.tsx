import { Code, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useRefusalText } from '../../components/refusal-text/refusal-text.ts';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { PageLink } from '../../components/page-link.tsx';
import { Panel } from './panel.tsx';
import classes from './overview.module.css';

/** Of `sources`: what is no source of the registry. */
const PLACES = ['edge', 'relay', '*'];

/** Who sends most. */
export function TopSources({ overview }: { overview: Overview }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const { sources, sourceCount } = overview;
  const most = Math.max(1, ...sources.map(({ counts }) => counts.accepted));
  return (
    <Panel
      title={t('sources.title')}
      end={
        sourceCount > sources.length ? (
          <PageLink address="/sources" className={classes.more}>
            {t('sources.all', { count: sourceCount, number: format.number(sourceCount) })}
          </PageLink>
        ) : undefined
      }
    >
      {sources.length === 0 ? (
        <Nothing>{t('sources.none')}</Nothing>
      ) : (
        <ul className={classes.list}>
          {sources.map(({ source, sourceName, state, counts }) => {
            const name = PLACES.includes(source) ? t(`sources.place.${source}`) : sourceName;
            return (
              <li key={source} className={classes.row}>
                <span className={classes.main}>
                  {state === undefined ? (
                    <span className={classes.name} title={name}>
                      {name}
                    </span>
                  ) : (
                    <PageLink address={`/sources/${encodeURIComponent(sourceName)}`} className={classes.name}>
                      <span title={name}>{name}</span>
                    </PageLink>
                  )}
                  {state !== undefined && state !== 'active' && (
                    <StateBadge tone={state === 'suspended' ? 'bad' : 'quiet'}>
                      {t(`sources.state.${state}`)}
                    </StateBadge>
                  )}
                </span>
                {counts.refused > 0 && (
                  <PageLink
                    address={`/refusals?source=${encodeURIComponent(sourceName)}`}
                    className={classes.refused}
                  >
                    {t('sources.refused', { count: counts.refused, number: format.compact(counts.refused) })}
                  </PageLink>
                )}
                <span className={classes.count} title={format.bytes(counts.octets)}>
                  {format.number(counts.accepted)}
                </span>
                <progress className={classes.bar} max={most} value={counts.accepted} aria-hidden="true" />
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}

/** What was refused most, and what it means. */
export function TopRefusals({ overview: { refusals, window } }: { overview: Overview }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const textOf = useRefusalText();
  return (
    <Panel title={t('refusals.title')}>
      {refusals.length === 0 ? (
        <Nothing>{t('refusals.none', { time: t(`window.${window}`) })}</Nothing>
      ) : (
        <ul className={classes.list}>
          {refusals.map(({ code, count }) => (
            <li key={code} className={classes.row}>
              <Code className={classes.code}>{code}</Code>
              <PageLink address={`/refusals?code=${code}`} className={classes.name}>
                <span title={textOf(code)}>{textOf(code)}</span>
              </PageLink>
              <span className={classes.count}>{format.number(count)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** What waits for whom, and why. */
export function Waiting({ overview: { spool, waiting } }: { overview: Overview }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  if (!spool || !waiting) return null;
  return (
    <Panel
      title={t('waiting.title')}
      end={
        spool.oldestAt === undefined ? undefined : (
          <PageLink address="/queue" className={classes.more}>
            {t('waiting.oldest')} <TimeText at={spool.oldestAt} />
          </PageLink>
        )
      }
    >
      {waiting.length === 0 ? (
        <Nothing>{t('waiting.none')}</Nothing>
      ) : (
        <ul className={classes.list}>
          {waiting.slice(0, 10).map(({ domain, queued, reply, retryAt, nextAttemptAt }) => (
            <li key={domain} className={classes.row}>
              <span className={classes.stack}>
                <PageLink address={`/queue?domain=${encodeURIComponent(domain)}`} className={classes.name}>
                  <span title={domain}>{domain}</span>
                </PageLink>
                <span className={classes.reason}>
                  {reply !== undefined && `${reply} · `}
                  <NextAttempt at={retryAt ?? nextAttemptAt} />
                </span>
              </span>
              <span className={classes.count}>{format.number(queued)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function NextAttempt({ at }: { at: number }) {
  const { t } = useTranslation('overview');
  if (at <= Date.now()) return t('waiting.now');
  return (
    <>
      {t('waiting.next')} <TimeText at={at} />
    </>
  );
}

function Nothing({ children }: { children: string }) {
  return (
    <Text size="sm" c="dimmed" py={6}>
      {children}
    </Text>
  );
}
