import { Alert, Button, Skeleton, Stack, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Lock from 'lucide-react/icons/lock';
import MailOpen from 'lucide-react/icons/mail-open';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import type { MessageContent as Content } from '../../api/schema.ts';
import { useCan } from '../../app/session.tsx';
import { EmptyState } from '../empty-state.tsx';
import { ProblemAlert } from '../problem-alert.tsx';
import { Attachments } from './attachments.tsx';
import { Cautions } from './cautions.tsx';
import { HeaderTable } from './header-table.tsx';
import { Links } from './links.tsx';
import classes from './message-content.module.css';
import { addressIn, type MessagePlace } from './place.ts';
import { shortLines } from './short-lines.ts';
import { Source } from './source.tsx';
import { Structure } from './structure.tsx';

interface Props {
  place: MessagePlace;
  /** Shows a button first: that somebody reads it stands in the audit log. */
  ask?: boolean;
}

/**
 * What is in a message that is kept. Its HTML is a page of the relay that can do nothing, in a frame that lets it do
 * nothing; all else is text.
 */
export function MessageContent({ place, ask = false }: Props) {
  const { t } = useTranslation('message-content');
  const mayRead = useCan('operator');
  const [opened, setOpened] = useState<string>();
  const key = addressIn(place, '');
  if (!mayRead) {
    return (
      <EmptyState icon={Lock} title={t('forbidden.title')}>
        {t('forbidden.text')}
      </EmptyState>
    );
  }
  if (ask && opened !== key) {
    return (
      <EmptyState
        icon={MailOpen}
        title={t('ask.title')}
        action={<Button onClick={() => setOpened(key)}>{t('ask.open')}</Button>}
      >
        {t('ask.text')}
      </EmptyState>
    );
  }
  return <Opened key={key} place={place} />;
}

function Opened({ place }: { place: MessagePlace }) {
  const api = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: ['content', addressIn(place, '')],
    queryFn: async ({ signal }) => {
      const response = await api.request('get', addressIn(place, '/content'), { signal });
      return (await response.json()) as Content;
    },
    // each reading is written down: nothing is read again that nobody asked for
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) {
    return (
      <Stack gap="xs" aria-busy>
        <Skeleton height={14} width="60%" />
        <Skeleton height={14} />
        <Skeleton height={14} width="80%" />
        <Skeleton height={180} mt="sm" />
      </Stack>
    );
  }
  return <Shown place={place} content={data} />;
}

function Shown({ place, content }: { place: MessagePlace; content: Content }) {
  const { t } = useTranslation('message-content');
  const { text, html, headers, attachments, structure } = content;
  const links = html?.findings.links ?? [];
  const [tab, setTab] = useState<string | null>(html ? 'html' : 'text');
  return (
    <Stack gap="sm">
      <Cautions content={content} />
      <Attachments place={place} attachments={attachments} />
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List className={classes.tabs}>
          {html && <Tabs.Tab value="html">{t('tab.html')}</Tabs.Tab>}
          <Tabs.Tab value="text">{t('tab.text')}</Tabs.Tab>
          {links.length > 0 && <Tabs.Tab value="links">{t('tab.links', { count: links.length })}</Tabs.Tab>}
          <Tabs.Tab value="headers">{t('tab.headers')}</Tabs.Tab>
          <Tabs.Tab value="structure">{t('tab.structure')}</Tabs.Tab>
          <Tabs.Tab value="source">{t('tab.source')}</Tabs.Tab>
        </Tabs.List>
        {html && (
          <Tabs.Panel value="html" pt="sm">
            {/* no allowance at all: no script, no form, no window, an origin of its own */}
            <iframe
              className={classes.frame}
              sandbox=""
              referrerPolicy="no-referrer"
              src={addressIn(place, '/content/html')}
              title={t('frame')}
            />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="text" pt="sm">
          {text ? (
            <>
              {text.fromHtml && (
                <Alert variant="light" color="gray" mb="xs" py={6}>
                  <Text size="sm">{t('fromHtml')}</Text>
                </Alert>
              )}
              <pre className={classes.text} dir="auto" tabIndex={0} aria-label={t('tab.text')}>
                {shortLines(text.content)}
              </pre>
            </>
          ) : (
            <EmptyState title={t('noText')} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="links" pt="sm">
          <Links links={links} more={html?.findings.moreLinks ?? false} />
        </Tabs.Panel>
        <Tabs.Panel value="headers" pt="sm">
          <HeaderTable headers={headers} />
        </Tabs.Panel>
        <Tabs.Panel value="structure" pt="sm">
          <Structure place={place} root={structure} />
        </Tabs.Panel>
        <Tabs.Panel value="source" pt="sm">
          <Source place={place} size={content.size} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
