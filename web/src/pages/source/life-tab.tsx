import {
  Alert,
  Button,
  Group,
  NumberInput,
  Paper,
  Radio,
  Select,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { Source } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useCan, useSession } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { SourceState } from '../../components/source-state.tsx';
import { TimeText } from '../../components/time-text.tsx';

const PATHS = ['/sources', '/sources/{name}', '/source-counts', '/recertifications'];
type State = Source['state'];
/** Where each state may lead, besides stopping and retiring, which have ways of their own. */
const LEADS: Record<State, State[]> = {
  requested: ['pending', 'sandboxed'],
  pending: ['sandboxed', 'active'],
  sandboxed: ['active'],
  active: ['sandboxed'],
  suspended: ['sandboxed', 'active'],
  retired: ['suspended'],
};

/** How it came here, whether it is still needed, and how it goes. */
export default function LifeTab({ source }: { source: Source }) {
  return (
    <Stack gap="md">
      <History source={source} />
      <Needed source={source} />
      <Notices name={source.name} />
      <Ending source={source} />
    </Stack>
  );
}

function Part({ title, text, children }: { title: string; text?: ReactNode; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Title order={2}>{title}</Title>
      {text && (
        <Text size="sm" c="dimmed" mb="xs" maw={720}>
          {text}
        </Text>
      )}
      {children}
    </Paper>
  );
}

function History({ source }: { source: Source }) {
  const { t } = useTranslation('source');
  const { t: words } = useTranslation('components');
  const mayEdit = useCan('operator');
  const { name, state, stateChange, createdAt, updatedAt, id } = source;
  const [wanted, setWanted] = useState<State>();
  const move = useApiMutation('post', '/sources/{name}/state', PATHS);
  return (
    <Part title={t('life.state')}>
      <KeyValues
        rows={[
          [t('life.now'), <SourceState key="state" source={source} />],
          [
            t('life.since'),
            stateChange && (
              <span key="since">
                <TimeText at={stateChange.at} /> {t('life.by', { by: stateChange.by })}
                {stateChange.reason !== '' && (
                  <>
                    : <bdi>{stateChange.reason}</bdi>
                  </>
                )}
              </span>
            ),
          ],
          [t('life.created'), <TimeText key="created" at={createdAt} exact />],
          [t('life.updated'), <TimeText key="updated" at={updatedAt} exact />],
          [t('life.id'), <code key="id">{id}</code>],
        ]}
      />
      {mayEdit && (
        <Group mt="sm" gap="xs">
          {LEADS[state].map((to) => (
            <Button key={to} size="compact-sm" variant="default" onClick={() => setWanted(to)}>
              {t(`life.move.${to}`)}
            </Button>
          ))}
        </Group>
      )}
      <ConfirmAction
        opened={wanted !== undefined}
        onClose={() => setWanted(undefined)}
        title={t('life.moveTitle', { name, state: wanted && words(`sourceState.${wanted}`) })}
        verb={t(`life.move.${wanted ?? 'active'}`)}
        run={() => move.mutateAsync({ params: { name }, body: { state: wanted ?? state } })}
        done={t('saved')}
      >
        <Text size="sm">{t(`life.moveText.${wanted ?? 'active'}`)}</Text>
      </ConfirmAction>
    </Part>
  );
}

function Needed({ source }: { source: Source }) {
  const { t } = useTranslation('source');
  const { who } = useSession();
  const { name, brownOut, state } = source;
  const [answer, setAnswer] = useState<'keep' | 'not-mine'>('keep');
  const [comment, setComment] = useState('');
  const certify = useApiMutation('post', '/sources/{name}/recertification', PATHS);
  if (who.role === 'auditor' || state === 'retired') return null;
  const run = async () => {
    try {
      await certify.mutateAsync({ params: { name }, body: { answer, comment } });
      setComment('');
      await notify({ text: t(`needed.done.${answer}`) });
    } catch {
      // what went wrong stands below
    }
  };
  return (
    <Part title={t('needed.title')} text={t(brownOut ? 'needed.brownOut' : 'needed.text')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="sm" maw={560}>
          <Radio.Group aria-label={t('needed.title')} value={answer} onChange={(value) => setAnswer(value)}>
            <Stack gap={6}>
              {(['keep', 'not-mine'] as const).map((value) => (
                <Radio key={value} value={value} label={t(`needed.${value}`)} />
              ))}
            </Stack>
          </Radio.Group>
          <TextInput
            label={t('needed.comment')}
            maxLength={400}
            value={comment}
            onChange={({ currentTarget }) => setComment(currentTarget.value)}
          />
          {certify.error && <ProblemAlert error={certify.error} />}
          <div>
            <Button type="submit" variant="default" loading={certify.isPending}>
              {t('needed.answer')}
            </Button>
          </div>
        </Stack>
      </form>
    </Part>
  );
}

function Notices({ name }: { name: string }) {
  const { t } = useTranslation('source');
  const format = useFormat();
  const { data, error } = useApiQuery('/sources/{source}/notices', { params: { source: name } });
  return (
    <Part title={t('notices.title')} text={t('notices.text')}>
      {error && <ProblemAlert error={error} />}
      {!data && !error && <Skeleton height={40} />}
      {data && (
        <KeyValues
          rows={[
            [t('notices.to'), data.on ? `${data.to} (${data.language})` : (data.why ?? t('notices.off'))],
            ...data.items.map(
              ({ code, toldAt, waiting, nextAt }) =>
                [
                  code,
                  <span key={code}>
                    {toldAt === undefined ? (
                      t('notices.never')
                    ) : (
                      <>
                        {t('notices.told')} <TimeText at={toldAt} />
                      </>
                    )}
                    {waiting > 0 &&
                      `, ${t('notices.waiting', { count: waiting, number: format.number(waiting) })}`}
                    {nextAt !== undefined && waiting > 0 && (
                      <>
                        , {t('notices.next')} <TimeText at={nextAt} />
                      </>
                    )}
                  </span>,
                ] as const,
            ),
          ]}
        />
      )}
    </Part>
  );
}

function Ending({ source }: { source: Source }) {
  const { t } = useTranslation('source');
  const format = useFormat();
  const navigate = useNavigate();
  const mayRemove = useCan('operator');
  const { who } = useSession();
  const { name, state, brownOut } = source;
  const [asked, setAsked] = useState<'retire' | 'keep' | 'remove'>();
  const [way, setWay] = useState<'slow' | 'now'>('slow');
  const [days, setDays] = useState(14);
  const [share, setShare] = useState('0.1');
  const retire = useApiMutation('post', '/sources/{name}/retire', PATHS);
  const keep = useApiMutation('post', '/sources/{name}/keep', PATHS);
  const remove = useApiMutation('delete', '/sources/{name}', ['/sources', '/source-counts']);
  if (who.role === 'auditor') return null;
  const close = () => setAsked(undefined);
  return (
    <Part title={t('ending.title')} text={t('ending.text')}>
      {brownOut && state !== 'retired' && (
        <Alert color="orange" mb="sm" title={t('life.brownOut')}>
          {t('ending.brownOut', { share: format.percent(brownOut.share), reason: brownOut.reason })}{' '}
          {t('life.brownOutUntil')} <TimeText at={brownOut.until} exact />
        </Alert>
      )}
      <Group gap="xs">
        {brownOut && state !== 'retired' && (
          <Button onClick={() => setAsked('keep')}>{t('ending.keep')}</Button>
        )}
        {!brownOut && state !== 'retired' && (
          <Button variant="default" onClick={() => setAsked('retire')}>
            {t('ending.retire')}
          </Button>
        )}
        {mayRemove && (
          <Button variant="default" color="red" onClick={() => setAsked('remove')}>
            {t('ending.remove')}
          </Button>
        )}
      </Group>
      <ConfirmAction
        opened={asked === 'retire'}
        onClose={close}
        title={t('ending.retireTitle', { name })}
        verb={t('ending.retire')}
        danger
        run={() =>
          retire.mutateAsync({
            params: { name },
            body: way === 'now' ? { days: 0 } : { days, share: Number(share) },
          })
        }
        done={t('ending.retireDone', { name })}
        undo={way === 'slow' ? () => keep.mutateAsync({ params: { name } }) : undefined}
      >
        <Stack gap="sm">
          <Radio.Group aria-label={t('ending.retire')} value={way} onChange={(value) => setWay(value)}>
            <Stack gap={6}>
              <Radio value="slow" label={t('ending.slow')} description={t('ending.slowText')} />
              <Radio value="now" label={t('ending.now')} description={t('ending.nowText')} />
            </Stack>
          </Radio.Group>
          {way === 'slow' && (
            <Group grow align="flex-end">
              <NumberInput
                label={t('ending.days')}
                min={1}
                max={365}
                value={days}
                onChange={(value) => setDays(Number(value))}
              />
              <Select
                label={t('ending.share')}
                data={['0.05', '0.1', '0.25', '0.5'].map((value) => ({
                  value,
                  label: format.percent(Number(value)),
                }))}
                allowDeselect={false}
                value={share}
                onChange={(value) => setShare(value ?? share)}
              />
            </Group>
          )}
        </Stack>
      </ConfirmAction>
      <ConfirmAction
        opened={asked === 'keep'}
        onClose={close}
        title={t('ending.keepTitle', { name })}
        verb={t('ending.keep')}
        run={() => keep.mutateAsync({ params: { name } })}
        done={t('ending.keepDone', { name })}
      >
        {t('ending.keepText')}
      </ConfirmAction>
      <ConfirmAction
        opened={asked === 'remove'}
        onClose={close}
        title={t('ending.removeTitle', { name })}
        verb={t('ending.remove')}
        danger
        typed={name}
        run={async () => {
          await remove.mutateAsync({ params: { name } });
          await navigate({ to: '/sources' });
        }}
        done={t('ending.removeDone', { name })}
      >
        <Text size="sm">{t('ending.removeText')}</Text>
      </ConfirmAction>
    </Part>
  );
}
