import { Button, Group, Paper, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import CircleAlert from 'lucide-react/icons/circle-alert';
import CircleCheck from 'lucide-react/icons/circle-check';
import CircleQuestionMark from 'lucide-react/icons/circle-question-mark';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DirectSendAudit, DirectSendGate } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useRate } from '../../components/audit/rate.ts';
import { TimeText } from '../../components/time-text.tsx';
import classes from './direct-send.module.css';

const RANK = { no: 0, unknown: 1, yes: 2 };
const ICON = { no: CircleAlert, unknown: CircleQuestionMark, yes: CircleCheck };
const TONE = { no: 'bad', unknown: 'warn', yes: 'good' } as const;
const SHOWN = 5;

/** The answer: may the rule be switched on? The worst domain first, for the rule is one switch for all of them. */
export function Headline({ audit }: { audit: DirectSendAudit }) {
  const { t } = useTranslation('direct-send');
  const [isWhole, setWhole] = useState(false);
  const gates = audit.gates.toSorted((a, b) => RANK[a.answer] - RANK[b.answer] || b.perDay - a.perDay);
  const shown = isWhole ? gates : gates.slice(0, SHOWN);
  return (
    <Paper p={0} className={classes.headline}>
      {gates.length === 0 && <Text p="md">{t('answer.noDomains')}</Text>}
      <ul className={classes.gates}>
        {shown.map((gate, index) => (
          <Gate key={gate.domain} gate={gate} isFirst={index === 0} />
        ))}
      </ul>
      <Group className={classes.headlineFoot} justify="space-between" gap="xs">
        <Text size="xs" c="dimmed">
          {audit.rejectDirectSend && `${t('answer.alreadyOn')} `}
          {t('answer.made')} <TimeText at={audit.at} />
        </Text>
        {gates.length > SHOWN && (
          <Button size="compact-xs" variant="subtle" onClick={() => setWhole(!isWhole)}>
            {isWhole ? t('answer.fewer') : t('answer.all', { count: gates.length })}
          </Button>
        )}
      </Group>
    </Paper>
  );
}

function Gate({ gate, isFirst }: { gate: DirectSendGate; isFirst: boolean }) {
  const { t } = useTranslation('direct-send');
  const format = useFormat();
  const rate = useRate();
  const { answer, domain, left, perDay, confidence } = gate;
  const Icon = ICON[answer];
  const size = isFirst ? 28 : 18;
  return (
    <li className={classes.gate} data-first={isFirst || undefined} data-tone={TONE[answer]}>
      <Icon size={size} aria-hidden className={classes.gateIcon} />
      <div className={classes.gateText}>
        <div className={classes.question}>{t('answer.question', { domain })}</div>
        <div className={classes.verdict}>
          <strong>{t(`answer.verdict.${answer}`)}</strong>{' '}
          {answer === 'no'
            ? t('answer.left', { count: left.length, perDay: rate(perDay) })
            : t(`answer.text.${answer}`)}
        </div>
        {isFirst && (
          <Text size="sm" c="dimmed">
            {t('answer.confidence', { percent: format.percent(confidence) })}
          </Text>
        )}
      </div>
      {left.length > 0 && (
        <Button
          component={Link}
          to="/direct-send/senders"
          search={{ left: 'true', domain } as never}
          variant={isFirst ? 'filled' : 'subtle'}
          size={isFirst ? 'sm' : 'compact-sm'}
          className={classes.gateButton}
        >
          {t('answer.show', { count: left.length })}
        </Button>
      )}
    </li>
  );
}
