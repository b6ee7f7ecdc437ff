import { Button, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import Inbox from 'lucide-react/icons/inbox';
import MailOpen from 'lucide-react/icons/mail-open';
import Trash2 from 'lucide-react/icons/trash-2';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStream } from '../../api/events.ts';
import { useApiMutation, useApiPages } from '../../api/queries.ts';
import type { InboxEntry } from '../../api/schema.ts';
import { Can } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFilters } from '../../components/use-filters.ts';
import classes from './inbox.module.css';
import { MessageList } from './message-list.tsx';
import { ReadingPane } from './reading-pane.tsx';

/** The sandbox inbox, as a mail program shows one. */
export default function InboxPage() {
  const { t } = useTranslation('inbox');
  const queries = useQueryClient();
  const [{ message }, setFilters] = useFilters(['message']);
  const [query, setQuery] = useFilters(['search', 'source']);
  const list = useApiPages('/inbox', { query });
  const isFiltered = Object.keys(query).length > 0;
  const [isClearing, setClearing] = useState(false);
  const clear = useApiMutation('delete', '/inbox', ['/inbox']);
  const renew = () => void queries.invalidateQueries({ queryKey: ['/inbox'] });
  useStream<InboxEntry>('/api/v1/inbox?follow=true', renew, renew);
  const { rows, error } = list;
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <Can role="operator">
            <Button
              variant="default"
              leftSection={<Trash2 size={15} aria-hidden />}
              disabled={!rows || (rows.length === 0 && !isFiltered)}
              onClick={() => setClearing(true)}
            >
              {t('clear.open')}
            </Button>
          </Can>
        }
      />
      <FilterBar
        values={query}
        onChange={setQuery}
        filters={[
          { kind: 'search', name: 'search', label: t('search'), placeholder: t('searchHelp') },
          { kind: 'text', name: 'source', label: t('source') },
        ]}
      />
      {error && !rows ? (
        <ProblemAlert error={error} onRetry={() => void list.refetch()} />
      ) : rows?.length === 0 && (message === undefined || isFiltered) ? (
        <EmptyState icon={Inbox} title={t(isFiltered ? 'empty.filtered' : 'empty.title')}>
          {!isFiltered && t('empty.text')}
        </EmptyState>
      ) : (
        <div className={classes.panes} data-open={message !== undefined || undefined}>
          <MessageList
            rows={rows}
            opened={message}
            hasMore={list.hasNextPage}
            isLoadingMore={list.isFetchingNextPage}
            onMore={() => void list.fetchNextPage()}
          />
          <section className={classes.reading} aria-label={t('message')}>
            {message === undefined ? (
              <EmptyState icon={MailOpen} title={t('none.title')}>
                {t('none.text')}
              </EmptyState>
            ) : (
              <ReadingPane key={message} id={message} />
            )}
          </section>
        </div>
      )}
      <ConfirmAction
        opened={isClearing}
        onClose={() => setClearing(false)}
        title={t('clear.title')}
        verb={t('clear.verb')}
        done={t('clear.done')}
        danger
        run={async () => {
          await clear.mutateAsync({});
          setFilters({ message: undefined });
        }}
      >
        {t('clear.text')}
      </ConfirmAction>
    </Stack>
  );
}
