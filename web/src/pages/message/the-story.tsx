import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/client.ts';
import { useApiPages } from '../../api/queries.ts';
import type { Event } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useHoldReason } from '../../components/message-state/message-state.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useRefusalText } from '../../components/refusal-text/refusal-text.ts';
import { Timeline } from '../../components/timeline.tsx';
import { storyOf } from './story.tsx';

type Told = Pick<AnswerOf<'/messages/{message}', 'get'>, 'message' | 'events' | 'omitted'>;
const PAGE = 500;

/** What has happened to a message. What its story leaves out is read, a page at a time, by who wants it. */
export function TheStory({ story: { message, events, omitted } }: { story: Told }) {
  const { t } = useTranslation('message');
  const format = useFormat();
  const refusalText = useRefusalText();
  const holdReason = useHoldReason();
  const [wantsAll, setWantsAll] = useState(false);
  const read = useApiPages(
    '/messages/{message}/events',
    { params: { message: message.id } },
    { enabled: wantsAll && omitted !== undefined, pageSize: PAGE },
  );
  const all = together(events, read.rows);
  const left = (omitted?.count ?? 0) - (all.length - events.length);
  const gap = omitted && {
    after: read.rows?.at(-1)?.id ?? omitted.after,
    title: t('story.omitted', { count: left, number: format.number(left) }),
    children: read.error ? (
      <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
    ) : (
      <Button
        size="xs"
        variant="default"
        loading={read.isFetching}
        onClick={() => (wantsAll ? void read.fetchNextPage() : setWantsAll(true))}
      >
        {t('story.showOmitted')}
      </Button>
    ),
  };
  const telling = { t, format, refusalText, holdReason };
  return <Timeline label={t('tab.story')} entries={storyOf(all, telling, left > 0 ? gap : undefined)} />;
}

/** Those of the session stand in the story alone; both have the first of the message. */
function together(events: readonly Event[], read: readonly Event[] = []): Event[] {
  return [...new Map([...events, ...read].map((event) => [event.id, event])).values()];
}
