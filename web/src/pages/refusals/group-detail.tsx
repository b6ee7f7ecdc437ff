import { Alert, Anchor, Button, Group as Row, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import Mail from 'lucide-react/icons/mail';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { useLanguage } from '../../app/language.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { Piece } from '../../components/piece.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { Transcript } from '../../components/transcript/transcript.tsx';
import { Fix } from './fix.tsx';
import { fixOf, type Group } from './fix-plan.ts';
import classes from './refusals.module.css';

const Notice = lazy(() => import('./notice.tsx'));

/** Why these were refused, what would change it, and what exactly was refused. */
export function GroupDetail({ name, since, until }: { name: string; since?: string; until?: string }) {
  const { data, error, refetch } = useApiQuery('/refusal-groups/{group}', {
    params: { group: name },
    query: { since, until, language: useLanguage() },
  });
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) {
    return (
      <Stack gap="sm" aria-busy>
        <Skeleton height={16} width="70%" />
        <Skeleton height={90} />
        <Skeleton height={160} />
      </Stack>
    );
  }
  return <Shown group={data} />;
}

function Shown({ group }: { group: Group }) {
  const { t } = useTranslation('refusals');
  const language = useLanguage();
  const format = useFormat();
  const [isNotice, setNotice] = useState(false);
  const { code, sourceName, network, count, first, last, particulars, transcript, events } = group;
  const explained = useApiQuery('/refusals/{code}', { params: { code }, query: { language } });
  const from = [...new Set(events.map((event) => event['network']).filter((one) => typeof one === 'string'))];
  return (
    <Stack gap="lg">
      <Text size="sm">{explained.data?.explanation ?? group.explanation}</Text>
      <ToDo group={group} remedy={explained.data?.remedy} />
      <KeyValues
        rows={[
          [
            t('detail.source'),
            sourceName && (
              <Anchor component={Link} to="/sources/$name" params={{ name: sourceName } as never} size="sm">
                <bdi>{sourceName}</bdi>
              </Anchor>
            ),
          ],
          [t('detail.network'), network ?? from.slice(0, 5).join(', ')],
          [t('detail.count'), t('times', { count, number: format.number(count) })],
          [t('detail.first'), <TimeText key="first" at={first} exact />],
          [t('detail.last'), <TimeText key="last" at={last} exact />],
          [
            t('detail.wire'),
            `${explained.data?.reply ?? ''} ${explained.data?.enhanced ?? ''} ${code} ${group.text}`,
          ],
        ]}
      />
      <section>
        <Title order={2} mb={6}>
          {t('detail.examples')}
        </Title>
        <ul className={classes.examples}>
          {particulars.slice(0, 8).map(({ text, count: often, last: at }) => (
            <li key={text}>
              <bdi className={classes.what}>{text || t('detail.nothing')}</bdi>
              <span className={classes.often}>
                {format.number(often)} × · <TimeText at={at} />
              </span>
            </li>
          ))}
        </ul>
      </section>
      <Row gap="xs">
        <Button
          variant="default"
          component={Link}
          to="/messages"
          search={{ code, ...(sourceName === undefined ? { network } : { source: sourceName }) } as never}
        >
          {t('detail.messages')}
        </Button>
        {sourceName !== undefined && (
          <Button
            variant="default"
            leftSection={<Mail size={15} aria-hidden />}
            onClick={() => setNotice(true)}
          >
            {t('notice.open')}
          </Button>
        )}
        <Button variant="default" component={Link} to="/refusals/$code" params={{ code } as never}>
          {t('detail.aboutCode', { code })}
        </Button>
      </Row>
      {transcript && (
        <section>
          <Title order={2} mb={6}>
            {t('detail.transcript')}
          </Title>
          <Transcript transcript={transcript} />
        </section>
      )}
      <Piece>
        {isNotice && sourceName !== undefined && (
          <Notice group={group.group} code={code} sourceName={sourceName} onClose={() => setNotice(false)} />
        )}
      </Piece>
    </Stack>
  );
}

/** What would change it: a button where a setting of the source does, otherwise words, and a command where there is one. */
function ToDo({ group, remedy }: { group: Group; remedy: string | undefined }) {
  const { t } = useTranslation('refusals');
  const { code, sourceName, advice } = group;
  const source = useApiQuery(
    '/sources/{name}',
    { params: { name: sourceName ?? '' } },
    { enabled: sourceName !== undefined },
  );
  const plan = source.data && fixOf(code, group.events, source.data.policy);
  const foreign = plan?.kind === 'pairs' && advice.foreign !== undefined;
  return (
    <section className={classes.fix} aria-label={t('todo')}>
      <Title order={2} mb={4}>
        {t('todo')}
      </Title>
      <Text size="sm" mb="sm">
        {remedy}
      </Text>
      {foreign && (
        <Alert color="orange" mb="sm">
          {t('foreign')}
        </Alert>
      )}
      {plan && sourceName !== undefined ? (
        <Row gap="xs">
          <Fix group={group} sourceName={sourceName} />
          <Button
            variant="default"
            component={Link}
            to="/sources/$name"
            params={{ name: sourceName } as never}
          >
            {t('openSource')}
          </Button>
        </Row>
      ) : (
        <Stack gap="xs">
          {advice.change.kind === 'command' && (
            <CodeBlock value={advice.change.line} label={t('copyCommand')} wrap />
          )}
          {advice.change.kind === 'configuration' && (
            <Row gap="xs">
              <Button variant="default" component={Link} to="/settings">
                {t('openSettings')}
              </Button>
              <Text size="sm" className={classes.what}>
                {advice.change.line}
              </Text>
            </Row>
          )}
          {sourceName !== undefined && (
            <div>
              <Button component={Link} to="/sources/$name" params={{ name: sourceName } as never}>
                {t('openSource')}
              </Button>
            </div>
          )}
        </Stack>
      )}
    </section>
  );
}
