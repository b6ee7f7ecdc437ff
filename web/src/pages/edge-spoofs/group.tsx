import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { SpoofGroup } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './edge-spoofs.module.css';

const FATES = [
  ['delivered', 'bad', 'deliver'],
  ['junk', 'warn', 'junk'],
  ['quarantined', 'warn', 'quarantine'],
  ['refused', 'good', 'refused'],
] as const satisfies readonly (readonly [string, Tone, string])[];

/** One client that posed as one of us: how, how often, and how far it came. */
export function Group({ group, since }: { group: SpoofGroup; since: string }) {
  const { t } = useTranslation('edge-spoofs');
  const format = useFormat();
  const { network, imitates, kinds, attempts, first, last, hello, from, to } = group;
  return (
    <li className={classes.group}>
      <div className={classes.head}>
        <div className={classes.who}>
          <Anchor
            component={Link}
            to="/edge/traffic"
            search={{ network, since } as never}
            fw={600}
            className={classes.isolated}
          >
            {network}
          </Anchor>{' '}
          {t('posesAs')} <strong className={classes.isolated}>{imitates}</strong>
          {hello !== '' && (
            <Text size="sm" c="dimmed" className={classes.isolated}>
              {t('hello', { hello })}
            </Text>
          )}
        </div>
        <div className={classes.count}>
          <span className={classes.number}>{format.number(attempts)}</span>
          <Text size="xs" c="dimmed">
            {t('attempts', { count: attempts })}
          </Text>
        </div>
      </div>
      <div className={classes.fates}>
        {FATES.map(([name, tone, fate]) =>
          group[name] === 0 ? null : (
            <Anchor
              key={name}
              component={Link}
              to="/edge/traffic"
              search={{ network, since, fate } as never}
              underline="never"
            >
              <StateBadge tone={tone}>{t(`fate.${name}`, { number: format.number(group[name]) })}</StateBadge>
            </Anchor>
          ),
        )}
      </div>
      <dl className={classes.facts}>
        <div>
          <dt>{t('how')}</dt>
          <dd>{kinds.map((kind) => t(`kind.${kind}`, { defaultValue: kind })).join(' · ')}</dd>
        </div>
        <div>
          <dt>{t('as')}</dt>
          <dd className={classes.isolated}>{from.join(', ')}</dd>
        </div>
        <div>
          <dt>{t('to')}</dt>
          <dd className={classes.isolated}>{to.join(', ') || t('unknown')}</dd>
        </div>
        <div>
          <dt>{t('last')}</dt>
          <dd>
            <TimeText at={last} />
            {first !== last && (
              <>
                {' '}
                <span className={classes.first}>
                  {t('first')} <TimeText at={first} />
                </span>
              </>
            )}
          </dd>
        </div>
      </dl>
    </li>
  );
}
