import { Alert, Button, List, Loader, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import Play from 'lucide-react/icons/play';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/client.ts';
import { useApi } from '../../api/context.ts';
import { useApiQuery } from '../../api/queries.ts';
import { useCan } from '../../app/session.tsx';
import type { LabOutcome } from '../../components/lab-outcome/outcome.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { keep } from './kept-settings.ts';
import classes from './lab-tour.module.css';
import { Shown } from './shown.tsx';

export type Tour = AnswerOf<'/lab/tour', 'get'>;
export type TourStep = Tour['steps'][number];
export type Part = TourStep['parts'][number];

/** A part that was done, with what came of it. */
export interface Done {
  part: Part;
  outcome?: LabOutcome;
}

interface Props {
  step: TourStep;
  tour: Tour;
  /** Milliseconds since the epoch. */
  startedAt: number;
  label: string;
  actions: ReactNode;
  onDone: () => void;
}

/** One step: what will happen and why it matters, a button that does it, and what to remember. */
export function Step({ step, tour, startedAt, label, actions, onDone }: Props) {
  const { t, i18n } = useTranslation('lab-tour');
  const api = useApi();
  const queries = useQueryClient();
  const may = useCan('operator');
  const mailboxes = useApiQuery('/lab/mailboxes').data?.items ?? [];
  const [shown, setShown] = useState<Done[]>([]);
  const [state, setState] = useState<'before' | 'running' | 'done'>('before');
  const [failure, setFailure] = useState<unknown>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const act = async (part: Part, signal: AbortSignal): Promise<LabOutcome | undefined> => {
    if (part.kind === 'set') {
      await api.patch('/lab/settings', { body: { [part.setting]: part.value }, signal });
    } else if (part.kind === 'switch') {
      await api.put('/lab/connectors/{name}', {
        params: { name: part.connector },
        body: { enabled: part.enabled },
        signal,
      });
    } else if (part.kind === 'send') {
      const language = i18n.language === 'fr' ? 'fr' : 'en';
      return api.post('/lab/actors/{name}/send', {
        params: { name: part.actor },
        body: { language },
        signal,
      });
    }
    return undefined;
  };
  const run = async () => {
    const { signal } = (abort.current = new AbortController());
    setState('running');
    setShown([]);
    setFailure(undefined);
    try {
      await keep(api, tour);
      // as the steps before leave it, whichever of them were gone through
      await api.patch('/lab/settings', { body: step.settings, signal });
      const { items } = await api.get('/lab/connectors', { signal });
      const connectors = new Set(items.map(({ name }) => name));
      if (connectors.has(tour.connector)) {
        await api.put('/lab/connectors/{name}', {
          params: { name: tour.connector },
          body: { enabled: true },
          signal,
        });
      }
      let last: LabOutcome | undefined;
      for (const part of step.parts) {
        if (part.ifConnector !== undefined && !connectors.has(part.ifConnector)) continue;
        if (part.kind === 'note' && part.ifTaken && !last?.accepted) continue;
        const outcome = await act(part, signal);
        if (signal.aborted) return;
        last = outcome ?? last;
        await Promise.all(
          ['/lab', '/lab/messages', '/lab/mailboxes', '/lab/settings', '/messages'].map((path) =>
            queries.invalidateQueries({ queryKey: [path] }),
          ),
        );
        setShown((before) => [...before, { part, outcome }]);
      }
      setState('done');
      onDone();
    } catch (error) {
      if (signal.aborted) return;
      setFailure(error);
      setState('before');
    }
  };
  return (
    <article className={classes.step} aria-labelledby="tour-step">
      <Text size="sm" c="dimmed" fw={600}>
        {label}
      </Text>
      <Title order={2} id="tour-step" fz={22}>
        {step.title}
      </Title>
      <Text mt="xs" className={classes.text}>
        {step.before}
      </Text>
      <Alert color="postern" title={t('why')} mt="md" className={classes.text}>
        {step.why}
      </Alert>
      {may && (
        <Button
          mt="md"
          size="md"
          leftSection={<Play size={16} aria-hidden />}
          variant={state === 'done' ? 'default' : 'filled'}
          loading={state === 'running'}
          onClick={() => void run()}
        >
          {t(state === 'done' ? 'again' : step.name === 'next' || step.name === 'tenant' ? 'show' : 'do')}
        </Button>
      )}
      <Stack gap="sm" mt="md" aria-live="polite">
        {shown.map((done, index) => (
          // biome-ignore lint: what was done stays in its order
          <Shown key={index} done={done} tour={tour} mailboxes={mailboxes} startedAt={startedAt} />
        ))}
        {state === 'running' && <Loader size="sm" type="dots" aria-label={t('running')} />}
        {failure !== undefined && <ProblemAlert error={failure} onRetry={() => void run()} />}
      </Stack>
      {(state === 'done' || !may) && (
        <Alert color="yellow" title={t('remember')} mt="md" className={classes.text}>
          <List spacing={4}>
            {step.remember.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <div className={classes.actions}>{actions}</div>
    </article>
  );
}
