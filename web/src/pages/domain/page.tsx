import { Button, Group, Menu, Skeleton, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import Ellipsis from 'lucide-react/icons/ellipsis';
import RefreshCw from 'lucide-react/icons/refresh-cw';
import RotateCw from 'lucide-react/icons/rotate-cw';
import Trash2 from 'lucide-react/icons/trash-2';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import type { DomainRecord } from '../../api/schema.ts';
import { Can } from '../../app/session.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { Records } from './records.tsx';
import { RemoveDomain } from './remove-domain.tsx';
import { RotateKey } from './rotate-key.tsx';
import { Rotations } from './rotations.tsx';

const AGAIN_MS = 15_000;

/** A domain: what is to be published, what DNS says of it now, and how far a rotation is. */
export default function DomainPage() {
  const { t } = useTranslation('domain');
  const { domain: name = '' }: { domain?: string } = useParams({ strict: false });
  const params = { domain: name };
  const domain = useApiQuery('/domains/{domain}', { params });
  const check = useApiQuery(
    '/domains/{domain}/records',
    { params },
    {
      enabled: domain.data !== undefined,
      // as long as somebody is about to publish something, they want to see it arrive
      refetchInterval: ({ state }) => (isComplete(state.data?.items) ? false : AGAIN_MS),
    },
  );
  const [dialog, setDialog] = useState<'rotate' | 'remove'>();
  const close = () => setDialog(undefined);
  if (!domain.data) {
    return domain.error ? (
      <ProblemAlert error={domain.error} onRetry={() => void domain.refetch()} />
    ) : (
      <Skeleton height={320} />
    );
  }
  const records = check.data?.items;
  return (
    <Stack gap="lg">
      <PageHeader
        title={domain.data.name}
        above={[{ title: t('above'), to: '/domains' }]}
        mark={
          <>
            {records && <Summary records={records} />}
            {domain.data.internal && <StateBadge tone="quiet">{t('internal')}</StateBadge>}
          </>
        }
        description={
          check.data && (
            <>
              {t('checkedAt')} <TimeText at={check.data.at} />
              {!isComplete(records) && <>, {t('watching')}</>}.
            </>
          )
        }
        actions={
          <>
            <Button
              variant="default"
              leftSection={<RefreshCw size={15} aria-hidden />}
              loading={check.isFetching}
              onClick={() => void check.refetch()}
            >
              {t('check')}
            </Button>
            <Can role="operator">
              <Button
                // one rotation after the other is the usual way
                variant={domain.data.keys.some(({ stage }) => stage !== 'active') ? 'default' : 'filled'}
                leftSection={<RotateCw size={15} aria-hidden />}
                onClick={() => setDialog('rotate')}
              >
                {t('rotate.open')}
              </Button>
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button variant="default" px="xs" aria-label={t('more')}>
                    <Ellipsis size={16} aria-hidden />
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item
                    c="var(--tone-bad-text)"
                    leftSection={<Trash2 size={15} aria-hidden />}
                    onClick={() => setDialog('remove')}
                  >
                    {t('remove.open')}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </Can>
          </>
        }
      />
      <Rotations domain={domain.data} records={records} />
      {check.error && !records && <ProblemAlert error={check.error} onRetry={() => void check.refetch()} />}
      {!records && !check.error && (
        <Group gap="xs" role="status">
          <Text size="sm" c="dimmed">
            {t('checking')}
          </Text>
        </Group>
      )}
      {records && <Records zone={domain.data.name} records={records} keys={domain.data.keys} />}
      {dialog === 'rotate' && <RotateKey domain={domain.data} onClose={close} />}
      {dialog === 'remove' && <RemoveDomain domain={domain.data} onClose={close} />}
    </Stack>
  );
}

function isComplete(records: DomainRecord[] | undefined): boolean {
  return records?.every(({ result, stage }) => result === 'published' || stage === 'retiring') ?? false;
}

function Summary({ records }: { records: DomainRecord[] }) {
  const { t } = useTranslation('domain');
  const wrong = records.filter(
    ({ result, stage }) => (result === 'missing' || result === 'different') && stage !== 'retiring',
  );
  if (wrong.length > 0)
    return <StateBadge tone="warn">{t('state.open', { count: wrong.length })}</StateBadge>;
  if (!isComplete(records)) return <StateBadge tone="quiet">{t('state.unknown')}</StateBadge>;
  return <StateBadge tone="good">{t('state.published')}</StateBadge>;
}
