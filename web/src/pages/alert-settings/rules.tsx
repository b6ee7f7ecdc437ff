import { ActionIcon, Group, Skeleton, Text } from '@mantine/core';
import Pencil from 'lucide-react/icons/pencil';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/client.ts';
import { useApiQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { Can } from '../../app/session.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import classes from './alert-settings.module.css';
import { RuleForm } from './rule-form.tsx';

export type Rule = AnswerOf<'/alert-rules', 'get'>['items'][number];
const TONES: Record<Rule['severity'], Tone> = {
  critical: 'bad',
  warning: 'warn',
  info: 'info',
  'as-event': 'quiet',
};

/** What is an alert. */
export function Rules() {
  const { t } = useTranslation('alert-settings');
  const format = useFormat();
  const list = useApiQuery('/alert-rules');
  const [edited, setEdited] = useState<Rule>();
  const words = ({ when }: Rule) => {
    if (when.kind === 'certificate') return t('rule.certificate', { count: when.days });
    if (when.kind === 'queue-age')
      return t('rule.queueAge', { time: format.duration(when.olderThanSeconds * 1000) });
    const what = [...when.types, ...when.codes, ...when.outcomes].join(', ');
    const often =
      when.count === 1
        ? t('rule.event')
        : t('rule.events', {
            number: format.number(when.count),
            time: format.duration(when.withinSeconds * 1000),
          });
    return `${often}: ${what}`;
  };
  if (list.error && !list.data)
    return <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton height={240} />;
  return (
    <>
      <ul className={classes.list}>
        {list.data.items.map((rule) => (
          <li key={rule.name} className={classes.item}>
            <div className={classes.text}>
              <Group gap={8}>
                <Text fw={600} size="sm">
                  {rule.name}
                </Text>
                <StateBadge tone={TONES[rule.severity]}>{t(`severity.${rule.severity}`)}</StateBadge>
                {!rule.enabled && <StateBadge tone="quiet">{t('off')}</StateBadge>}
              </Group>
              <Text size="sm" c="dimmed">
                {words(rule)} → {rule.channels.join(', ') || t('rule.allChannels')}
              </Text>
            </div>
            <Can role="operator">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('rule.edit', { name: rule.name })}
                onClick={() => setEdited(rule)}
              >
                <Pencil size={15} aria-hidden />
              </ActionIcon>
            </Can>
          </li>
        ))}
      </ul>
      {edited && <RuleForm rule={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}
