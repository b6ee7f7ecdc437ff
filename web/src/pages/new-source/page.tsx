import { Skeleton, Stack, Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { useCan } from '../../app/session.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFilters } from '../../components/use-filters.ts';
import type { SourceValues } from '../source/values.ts';
import { DEVICE_KINDS } from './kinds.ts';
import { SourceWizard } from './source-wizard.tsx';
import classes from './new-source.module.css';

/**
 * A new source: first what it is, then what follows from it, to be changed where it differs. Other pages lead here
 * with what they know: `/new-source?kind=printer&name=…&from=…&network=…&owner=…`.
 */
export default function NewSourcePage() {
  const { t } = useTranslation('new-source');
  const mayAdd = useCan('operator');
  const [known, setKnown] = useFilters([
    'kind',
    'name',
    'from',
    'network',
    'owner',
    'description',
    'recipients',
  ]);
  const standard = useApiQuery('/default-policy', {}, { staleTime: Infinity });
  const [isDone, setDone] = useState(false);
  const [typed, setTyped] = useState<SourceValues>();
  const kind = DEVICE_KINDS.find(({ id }) => id === known.kind);
  return (
    <Stack gap="md" maw={960}>
      <PageHeader
        title={t(mayAdd ? 'title' : 'ask')}
        description={isDone ? undefined : t(kind ? (mayAdd ? 'fieldsText' : 'askText') : 'kindText')}
        above={[{ title: t('sources'), to: '/sources' }]}
      />
      {!isDone && (
        <div role="radiogroup" aria-label={t('kind')} className={classes.kinds}>
          {DEVICE_KINDS.map(({ id, icon: Icon }) => (
            <UnstyledButton
              key={id}
              role="radio"
              aria-checked={kind?.id === id}
              className={classes.kind}
              onClick={() => setKnown({ kind: id })}
            >
              <Icon size={20} aria-hidden />
              <span>
                <Text span size="sm" fw={600} display="block">
                  {t(`kinds.${id}.name`)}
                </Text>
                <Text span size="xs" c="dimmed" display="block">
                  {t(`kinds.${id}.text`)}
                </Text>
              </span>
            </UnstyledButton>
          ))}
        </div>
      )}
      {standard.error && <ProblemAlert error={standard.error} onRetry={() => void standard.refetch()} />}
      {kind && !standard.data && !standard.error && <Skeleton height={300} />}
      {kind && standard.data && (
        // another kind begins with other defaults; who it is stays
        <SourceWizard
          key={kind.id}
          kind={kind}
          standard={standard.data}
          known={known}
          typed={typed}
          onTyped={setTyped}
          onDone={() => setDone(true)}
        />
      )}
    </Stack>
  );
}
