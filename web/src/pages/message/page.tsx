import { Anchor, Paper, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import MailX from 'lucide-react/icons/mail-x';
import { lazy, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useEvents } from '../../api/events.ts';
import { ApiProblem } from '../../api/problem.ts';
import { useApiQuery } from '../../api/queries.ts';
import type { AnswerOf } from '../../api/client.ts';
import { useFormat } from '../../app/format.ts';
import { useSession } from '../../app/session.tsx';
import { Bytes } from '../../components/bytes.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { JsonView } from '../../components/json-view.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { MessageState, useHoldReason } from '../../components/message-state/message-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Piece } from '../../components/piece.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useRefusalText } from '../../components/refusal-text/refusal-text.ts';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { Actions } from './actions.tsx';
import { Said } from './said.tsx';
import { TheStory } from './the-story.tsx';
import { Waiting } from './waiting.tsx';
import classes from './message.module.css';

const MessageContent = lazy(async () => ({
  default: (await import('../../components/message-content/message-content.tsx')).MessageContent,
}));

type Story = AnswerOf<'/messages/{message}', 'get'>;
const OPEN = ['queued', 'deferred', 'held', 'partly'];
const SOON_MS = 400;

/** One message with its whole story. */
export default function MessagePage() {
  const { t } = useTranslation('message');
  const { id = '' }: { id?: string } = useParams({ strict: false });
  const { who } = useSession();
  const queries = useQueryClient();
  const mayFollow = who.role !== 'source-owner';
  const { data, error, refetch } = useApiQuery(
    '/messages/{message}',
    { params: { message: id } },
    {
      refetchInterval: (query) =>
        !mayFollow && OPEN.includes(query.state.data?.message.state ?? '') ? 5000 : false,
    },
  );
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const again = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => void queries.invalidateQueries({ queryKey: ['/messages/{message}'] }),
      SOON_MS,
    );
  };
  useEvents(
    mayFollow && data?.message.message !== undefined ? { message: data.message.message } : undefined,
    again,
    again,
  );

  if (error && !data) {
    const isGone = error instanceof ApiProblem && (error.status === 404 || error.status === 400);
    return (
      <Stack gap="md">
        <PageHeader title={t('title')} above={[{ title: t('all'), to: '/messages' }]} />
        {isGone ? (
          <EmptyState icon={MailX} title={t('gone.title')}>
            {t('gone.text', { id })}
          </EmptyState>
        ) : (
          <ProblemAlert error={error} onRetry={() => void refetch()} />
        )}
      </Stack>
    );
  }
  if (!data) {
    return (
      <Stack gap="md" aria-busy>
        <PageHeader title={t('title')} above={[{ title: t('all'), to: '/messages' }]} />
        <Skeleton height={20} width="50%" />
        <Skeleton height={260} />
      </Stack>
    );
  }
  return <Shown story={data} />;
}

function Shown({ story }: { story: Story }) {
  const { t } = useTranslation('message');
  const [{ tab = 'story' }, setFilters] = useFilters(['tab']);
  const { message, deliveries, events, omitted, transcript, content } = story;
  const { session } = message;
  return (
    <Stack gap="md">
      <PageHeader
        title={message.subject ? shortened(message.subject) : t('noSubject')}
        above={[{ title: t('all'), to: '/messages' }]}
        mark={<MessageState state={message.state} />}
        description={<Summary story={story} />}
        actions={
          message.message !== undefined && <Actions message={message.message} deliveries={deliveries} />
        }
      />
      <Tabs
        value={tab}
        onChange={(value) => setFilters({ tab: value === 'story' ? undefined : (value ?? undefined) })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="story">{t('tab.story')}</Tabs.Tab>
          {message.message !== undefined && <Tabs.Tab value="content">{t('tab.content')}</Tabs.Tab>}
          {session !== undefined && <Tabs.Tab value="transcript">{t('tab.transcript')}</Tabs.Tab>}
          <Tabs.Tab value="raw">{t('tab.raw')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="story" pt="md">
          <div className={classes.columns}>
            <Paper p="md" component="section" aria-label={t('tab.story')}>
              <TheStory key={message.id} story={story} />
            </Paper>
            <Stack gap="md">
              {deliveries.length > 0 && <Waiting deliveries={deliveries} />}
              <Facts story={story} />
            </Stack>
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="content" pt="md">
          <Piece>
            {content.spool ? (
              <MessageContent place={{ path: '/messages/{message}', id: message.id }} ask />
            ) : content.inbox === undefined ? (
              <EmptyState title={t('content.gone')}>{t('content.goneText')}</EmptyState>
            ) : (
              <MessageContent place={{ path: '/inbox/{id}', id: String(content.inbox) }} ask />
            )}
          </Piece>
        </Tabs.Panel>
        {session !== undefined && (
          <Tabs.Panel value="transcript" pt="md">
            <Said session={session} isKept={transcript} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="raw" pt="md">
          <Text size="sm" c="dimmed" mb="xs">
            {t('raw')}
          </Text>
          <JsonView value={{ message, deliveries, events, omitted }} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

const LONGEST_TITLE = 120;

/** The whole subject stands in the details. */
function shortened(subject: string): string {
  const letters = Array.from(subject);
  return letters.length <= LONGEST_TITLE ? subject : `${letters.slice(0, LONGEST_TITLE).join('')}…`;
}

/** What became of it, in one sentence. */
function Summary({ story: { message, deliveries } }: { story: Story }) {
  const { t } = useTranslation('message');
  const format = useFormat();
  const holdReason = useHoldReason();
  const refusalText = useRefusalText();
  const { state, recipientCount: count, code, hold } = message;
  const next = Math.min(
    ...deliveries.filter((one) => one.state === 'queued').map((one) => one.nextAttemptAt),
  );
  const values = {
    count,
    number: format.number(count),
    time: Number.isFinite(next) ? format.relative(next) : '',
    why: state === 'held' ? holdReason(hold ?? 'operator') : code === undefined ? '' : refusalText(code),
  };
  const isSoon = Number.isFinite(next) && next <= Date.now();
  return <>{t(`summary.${state}${state === 'deferred' && isSoon ? 'Now' : ''}`, values)}</>;
}

function Facts({ story: { message } }: { story: Story }) {
  const { t } = useTranslation('message');
  const { t: words } = useTranslation('message-state');
  const format = useFormat();
  const { recipients, recipientCount, sourceName, from, headerFrom, network, messageId } = message;
  const left = recipientCount - recipients.length;
  return (
    <Paper p="md" component="section">
      <Title order={2} mb="xs">
        {t('facts.title')}
      </Title>
      <KeyValues
        rows={[
          [t('facts.from'), from === '' ? t('facts.nobody') : <bdi key="from">{from}</bdi>],
          [t('facts.headerFrom'), headerFrom && <bdi>{headerFrom}</bdi>],
          [
            t('facts.subject'),
            message.subject && message.subject.length > LONGEST_TITLE && <bdi>{message.subject}</bdi>,
          ],
          [
            t('facts.to'),
            recipients.length > 0 && (
              <>
                {recipients.map((address) => (
                  <div key={address}>
                    <bdi>{address}</bdi>
                  </div>
                ))}
                {left > 0 && t('facts.more', { count: left, number: format.number(left) })}
              </>
            ),
          ],
          [
            t('facts.source'),
            sourceName && (
              <Anchor component={Link} to="/sources/$name" params={{ name: sourceName } as never} size="sm">
                <bdi>{sourceName}</bdi>
              </Anchor>
            ),
          ],
          [t('facts.direction'), words(`direction.${message.direction}`)],
          [t('facts.network'), network],
          [t('facts.at'), <TimeText key="at" at={message.at} exact />],
          [t('facts.size'), message.size !== undefined && <Bytes octets={message.size} />],
          [t('facts.messageId'), messageId && <bdi>{messageId}</bdi>],
          [t('facts.id'), message.message],
        ]}
      />
    </Paper>
  );
}
