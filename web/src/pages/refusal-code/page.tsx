import { Anchor, Button, Group, Paper, Select, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import CircleHelp from 'lucide-react/icons/circle-question-mark';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../../api/problem.ts';
import { useApiQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { useLanguage } from '../../app/language.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useRefusalText } from '../../components/refusal-text/refusal-text.ts';
import { TimeText } from '../../components/time-text.tsx';
import classes from './refusal-code.module.css';

/** What a code means, what to change, and whom it concerns now. */
export default function RefusalCodePage() {
  const { t } = useTranslation('refusal-code');
  const format = useFormat();
  const refusalText = useRefusalText();
  const navigate = useNavigate();
  const { code: given = '' }: { code?: string } = useParams({ strict: false });
  const code = given.toUpperCase();
  const language = useLanguage();
  const { data, error, refetch } = useApiQuery('/refusals/{code}', { params: { code }, query: { language } });
  const all = useApiQuery('/refusals', { query: { language } });
  const groups = useApiQuery(
    '/refusal-groups',
    { query: { code, sort: 'count', limit: 10 } },
    { enabled: data !== undefined && !code.startsWith('D') },
  );
  const above = [{ title: t('all'), to: '/refusals' }];
  const picker = (
    <Select
      aria-label={t('other')}
      placeholder={t('other')}
      searchable
      w={320}
      maw="100%"
      value={null}
      data={(all.data?.items ?? []).map((one) => ({
        value: one.code,
        label: `${one.code} ${refusalText(one.code)}`,
      }))}
      onChange={(chosen) =>
        chosen !== null && void navigate({ to: '/refusals/$code', params: { code: chosen } })
      }
    />
  );
  if (error && !data) {
    const isUnknown = error instanceof ApiProblem && (error.status === 404 || error.status === 400);
    return (
      <Stack gap="md">
        <PageHeader title={code} above={above} actions={picker} />
        {isUnknown ? (
          <EmptyState icon={CircleHelp} title={t('unknown', { code })}>
            {t('unknownText')}
          </EmptyState>
        ) : (
          <ProblemAlert error={error} onRetry={() => void refetch()} />
        )}
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <PageHeader
        title={`${code} ${refusalText(code)}`}
        above={above}
        description={t(`room.${code.charAt(0)}`, { defaultValue: '' })}
        actions={picker}
      />
      <div className={classes.columns}>
        <Stack gap="md">
          <Paper p="md" component="section">
            <Title order={2} mb={6}>
              {t('meaning')}
            </Title>
            {data ? <Text size="sm">{data.explanation}</Text> : <Skeleton height={40} />}
            <Title order={2} mt="lg" mb={6}>
              {t('remedy')}
            </Title>
            {data ? <Text size="sm">{data.remedy}</Text> : <Skeleton height={40} />}
          </Paper>
          {data && (
            <Paper p="md" component="section">
              <Title order={2} mb={6}>
                {t('wire')}
              </Title>
              <CodeBlock value={`${data.reply} ${data.enhanced} ${data.code} ${data.text}`} wrap />
              <Text size="sm" c="dimmed" mt="xs">
                {t(data.reply < 500 ? 'temporary' : 'permanent')}
              </Text>
            </Paper>
          )}
        </Stack>
        <Paper p="md" component="section">
          <Title order={2} mb={6}>
            {t('now')}
          </Title>
          {groups.data?.items.length === 0 || code.startsWith('D') ? (
            <Text size="sm" c="dimmed">
              {t(code.startsWith('D') ? 'deliveries' : 'nobody')}
            </Text>
          ) : (
            <ul className={classes.list}>
              {groups.data?.items.map(({ group, sourceName, network, count, last }) => (
                <li key={group}>
                  <Anchor component={Link} to="/refusals" search={{ group } as never} size="sm">
                    <bdi>{sourceName ?? network}</bdi>
                  </Anchor>
                  <span className={classes.often}>
                    {format.number(count)} × · <TimeText at={last} />
                  </span>
                </li>
              ))}
            </ul>
          )}
          <Group mt="md">
            <Button variant="default" size="xs" component={Link} to="/messages" search={{ code } as never}>
              {t('messages')}
            </Button>
          </Group>
        </Paper>
      </div>
    </Stack>
  );
}
