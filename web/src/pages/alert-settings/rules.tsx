import { ActionIcon, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import Pencil from 'lucide-react/icons/pencil';
import Trash2 from 'lucide-react/icons/trash-2';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { Can } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import classes from './alert-settings.module.css';
import { RuleEditor, RuleForm } from './rule-form.tsx';
import type { Rule } from './rule-values.ts';

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
  const stale = ['/alert-rules'];
  const remove = useApiMutation('delete', '/alert-rules/{name}', stale);
  const put = useApiMutation('put', '/alert-rules/{name}', stale);
  const [isAdding, setAdding] = useState(false);
  const [edited, setEdited] = useState<string>();
  const [removed, setRemoved] = useState<Rule>();
  const putBack = ({ name, ...body }: Rule) => put.mutateAsync({ params: { name }, body });
  const words = ({ when }: Rule) => {
    if (when.kind === 'certificate') return t('rule.certificate', { count: when.days });
    if (when.kind === 'queue-age')
      return t('rule.queueAge', { time: format.duration(when.olderThanSeconds * 1000) });
    const what = [...when.types.map((type) => t(`event.${type}`)), ...when.codes, ...when.outcomes].join(
      ', ',
    );
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
    <Stack gap="sm">
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
              <Group gap={4} wrap="nowrap">
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('rule.edit', { name: rule.name })}
                  onClick={() => setEdited(rule.name)}
                >
                  <Pencil size={15} aria-hidden />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('rule.remove', { name: rule.name })}
                  onClick={() => setRemoved(rule)}
                >
                  <Trash2 size={15} aria-hidden />
                </ActionIcon>
              </Group>
            </Can>
          </li>
        ))}
      </ul>
      <Can role="operator">
        <div>
          <Button onClick={() => setAdding(true)}>{t('rule.add')}</Button>
        </div>
      </Can>
      {isAdding && <RuleForm onClose={() => setAdding(false)} />}
      {edited !== undefined && <RuleEditor name={edited} onClose={() => setEdited(undefined)} />}
      {removed && (
        <ConfirmAction
          opened
          onClose={() => setRemoved(undefined)}
          title={t('rule.removeTitle', { name: removed.name })}
          verb={t('rule.removeVerb')}
          danger
          run={() => remove.mutateAsync({ params: { name: removed.name } })}
          done={t('rule.removed', { name: removed.name })}
          undo={() => putBack(removed)}
        >
          <Text size="sm">{t('rule.removeText')}</Text>
        </ConfirmAction>
      )}
    </Stack>
  );
}
