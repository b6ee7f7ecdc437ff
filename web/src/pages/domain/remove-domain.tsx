import { Skeleton, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { Domain } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';

const MOST = 500;

/** Removes a domain, after saying whose mail that concerns. */
export function RemoveDomain({ domain: { name, keys }, onClose }: { domain: Domain; onClose: () => void }) {
  const { t } = useTranslation('domain');
  const format = useFormat();
  const navigate = useNavigate();
  const remove = useApiMutation('delete', '/domains/{domain}', ['/domains']);
  const sources = useApiQuery('/sources', { query: { search: name, limit: MOST } });
  const report = useApiQuery('/reports', { query: { by: 'domain', limit: MOST } });
  const writers = sources.data?.items.filter(({ policy }) =>
    policy.pairs.some(({ header }) => header.toLowerCase().replace(/^.*@/, '') === name),
  );
  const accepted = report.data?.items.find(({ key }) => key === name)?.counts.accepted ?? 0;
  return (
    <ConfirmAction
      opened
      onClose={onClose}
      title={t('remove.title', { domain: name })}
      verb={t('remove.verb')}
      danger
      typed={name}
      done={t('remove.done', { domain: name })}
      run={async () => {
        await remove.mutateAsync({ params: { domain: name } });
        await navigate({ to: '/domains' } as never);
      }}
    >
      <Stack gap="xs">
        {sources.isPending || report.isPending ? (
          <Skeleton height={40} />
        ) : (
          <>
            {writers && writers.length > 0 && (
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {t('remove.sources', {
                  count: writers.length,
                  number: format.number(writers.length),
                  names: named(
                    writers.map((source) => source.name),
                    (names) => t('remove.more', { names }),
                  ),
                })}
              </Text>
            )}
            {report.data && (
              <Text size="sm">
                {t('remove.messages', { count: accepted, number: format.number(accepted) })}
              </Text>
            )}
          </>
        )}
        <Text size="sm">{t('remove.keys', { count: keys.length })}</Text>
      </Stack>
    </ConfirmAction>
  );
}

/** The first five of many names. */
function named(names: string[], more: (names: string) => string): string {
  const first = names.slice(0, 5).join(', ');
  return names.length > 5 ? more(first) : first;
}
