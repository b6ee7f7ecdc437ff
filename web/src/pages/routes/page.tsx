import { ActionIcon, Button, Drawer, Skeleton, Stack, Text } from '@mantine/core';
import ArrowRight from 'lucide-react/icons/arrow-right';
import Pencil from 'lucide-react/icons/pencil';
import Plus from 'lucide-react/icons/plus';
import Trash2 from 'lucide-react/icons/trash-2';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import type { Route } from '../../api/schema.ts';
import { Can } from '../../app/session.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { RemoveRoute } from './remove-route.tsx';
import { RouteForm } from './route-form.tsx';
import { RouteTest } from './route-test.tsx';
import { conditions, targetOf } from './route-words.ts';
import classes from './routes.module.css';

const TLS_TONES: Record<Route['tls'], Tone> = { verified: 'good', opportunistic: 'quiet', none: 'warn' };

/** How mail leaves, in the order in which routes are tried. */
export default function RoutesPage() {
  const { t } = useTranslation('routes');
  const list = useApiQuery('/routes');
  const [{ route: opened }, setFilters] = useFilters(['route']);
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Route>();
  const [chosen, setChosen] = useState<string>();
  const routes = list.data?.items;
  const edited = routes?.find(({ name }) => name === opened);
  const hasDefault = routes?.some(({ match }) => Object.values(match).every((value) => value === undefined));
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <Can role="operator">
            <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setAdding(true)}>
              {t('add')}
            </Button>
          </Can>
        }
      />
      <RouteTest onChoice={setChosen} />
      {list.error && !routes && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
      {!routes && !list.error && <Skeleton height={220} />}
      {routes && (
        <ol className={classes.list} aria-label={t('list')}>
          {routes.map((route) => (
            <li key={route.name} className={classes.route} data-chosen={chosen === route.name || undefined}>
              <div className={classes.name}>
                <Text fw={600} size="sm">
                  {route.name}
                </Text>
                <Text size="sm" c="dimmed">
                  {conditions(route, t).join(', ') || t('everything')}
                </Text>
              </div>
              <ArrowRight size={16} aria-hidden className={classes.arrow} />
              <div className={classes.name}>
                {targetOf(route, t)}
                <Text size="sm" c="dimmed">
                  {[
                    route.target.hosts &&
                      route.target.hosts.length > 1 &&
                      t('to.more', { count: route.target.hosts.length - 1 }),
                    route.target.username !== undefined && t('to.as', { username: route.target.username }),
                  ]
                    .filter(Boolean)
                    .join(', ')}
                </Text>
              </div>
              <div className={classes.end}>
                {route.target.kind !== 'sandbox' && (
                  <StateBadge tone={TLS_TONES[route.tls]}>
                    {t(
                      route.target.implicitTls && route.tls === 'none' ? 'tls.implicit' : `tls.${route.tls}`,
                    )}
                  </StateBadge>
                )}
                <Can role="operator">
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('edit', { name: route.name })}
                    onClick={() => setFilters({ route: route.name })}
                  >
                    <Pencil size={15} aria-hidden />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('remove.title', { name: route.name })}
                    title={t('remove.open')}
                    onClick={() => setRemoved(route)}
                  >
                    <Trash2 size={15} aria-hidden />
                  </ActionIcon>
                </Can>
              </div>
            </li>
          ))}
          {!hasDefault && (
            <li className={classes.route} data-rest data-chosen={chosen === '' || undefined}>
              <div>{t('rest')}</div>
              <ArrowRight size={16} aria-hidden className={classes.arrow} />
              <div>{t('restTo')}</div>
              <div />
            </li>
          )}
        </ol>
      )}
      <Drawer
        opened={isAdding || edited !== undefined}
        onClose={() => {
          setAdding(false);
          setFilters({ route: undefined });
        }}
        position="right"
        size="lg"
        title={edited ? t('edit', { name: edited.name }) : t('new')}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <RouteForm
          key={edited?.name ?? ''}
          route={edited}
          onDone={() => {
            setAdding(false);
            setFilters({ route: undefined });
          }}
        />
      </Drawer>
      {removed && <RemoveRoute route={removed} routes={routes ?? []} onClose={() => setRemoved(undefined)} />}
    </Stack>
  );
}
