import { Anchor, Button, Group, Paper, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useApiQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { Can } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { useQueryClient } from '@tanstack/react-query';
import classes from './edge-settings.module.css';

const WEEK_MS = 7 * 86_400_000;
/** More are not counted one by one. */
const MOST = 500;

/** The Direct Send rule, what it stops, and what changing it would do. */
export function DirectSend({ isRefused }: { isRefused: boolean }) {
  const { t } = useTranslation('edge-settings');
  const format = useFormat();
  const api = useApi();
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const since = useMemo(
    () => new Date(Math.floor((Date.now() - WEEK_MS) / 60_000) * 60_000).toISOString(),
    [],
  );
  const seen = useApiQuery('/edge/messages', {
    query: {
      directSend: 'true',
      since,
      limit: String(MOST),
      ...(isRefused ? { code: 'E201' } : { outcome: undefined }),
    },
  });
  const items = seen.data?.items ?? [];
  const clients = new Set(items.map(({ network }) => network)).size;
  const numbers = {
    count: items.length,
    number: `${format.number(items.length)}${seen.data?.next === undefined ? '' : '+'}`,
    clients: t('directSend.clients', { count: clients, number: format.number(clients) }),
  };
  const set = async (rejectDirectSend: boolean) => {
    await api.patch('/edge/settings', { body: { rejectDirectSend } });
    await Promise.all(
      ['/edge/settings', '/edge/status', '/edge/messages'].map((path) =>
        queries.invalidateQueries({ queryKey: [path] }),
      ),
    );
  };
  const evidence = seen.data && items.length > 0 && (
    <Text size="sm" mt={6}>
      {t(isRefused ? 'directSend.wasRefused' : 'directSend.wasLetIn', numbers)}{' '}
      <Anchor
        component={Link}
        to="/edge/traffic"
        search={{ kind: 'direct-send', since } as never}
        size="sm"
        underline="always"
      >
        {t('directSend.show')}
      </Anchor>
    </Text>
  );
  return (
    <Paper p="md">
      <div className={classes.switch}>
        <div>
          <Group gap="xs">
            <Title order={2}>{t('directSend.title')}</Title>
            <StateBadge tone={isRefused ? 'good' : 'bad'}>
              {t(isRefused ? 'directSend.refused' : 'directSend.letIn')}
            </StateBadge>
          </Group>
          <Text size="sm" c="dimmed" mt={4}>
            {t(isRefused ? 'directSend.isRefused' : 'directSend.isLetIn')}
          </Text>
          {evidence}
        </div>
        <Group gap="xs">
          <Button component={Link} to="/edge/what-if" variant="default">
            {t('directSend.whatIf')}
          </Button>
          <Can role="operator" why>
            {(may) => (
              <Button
                disabled={!may}
                variant={isRefused ? 'default' : 'filled'}
                onClick={() => setAsking(true)}
              >
                {t(isRefused ? 'directSend.letInVerb' : 'directSend.refuseVerb')}
              </Button>
            )}
          </Can>
        </Group>
      </div>
      <ConfirmAction
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={t(isRefused ? 'directSend.letInTitle' : 'directSend.refuseTitle')}
        verb={t(isRefused ? 'directSend.letInVerb' : 'directSend.refuseVerb')}
        danger={isRefused}
        run={() => set(!isRefused)}
        done={t(isRefused ? 'directSend.nowLetIn' : 'directSend.nowRefused')}
        undo={() => set(isRefused)}
      >
        <Text size="sm">{t(isRefused ? 'directSend.letInText' : 'directSend.refuseText')}</Text>
        <Text size="sm" mt="xs" fw={600}>
          {items.length === 0
            ? t('directSend.nobody')
            : t(isRefused ? 'directSend.wouldBeLetIn' : 'directSend.wouldBeRefused', numbers)}
        </Text>
      </ConfirmAction>
    </Paper>
  );
}
