import { Button, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import Send from 'lucide-react/icons/send-horizontal';
import Swords from 'lucide-react/icons/swords';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { useCan } from '../../app/session.tsx';
import { Landing, type LabOutcome } from '../../components/lab-outcome/outcome.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import classes from './lab.module.css';

interface Props {
  results: readonly LabOutcome[];
  mailboxes: readonly { address: string; name: string }[];
  /** Name of the one that sends now. */
  sending: string | undefined;
  onSend: (actor: string) => void;
}

/** Who sends for the organization, and who pretends to: a button each. */
export function Actors({ results, mailboxes, sending, onSend }: Props) {
  const { t, i18n } = useTranslation('lab');
  const { t: words } = useTranslation('lab-outcome');
  const may = useCan('operator');
  const { data, error, refetch } = useApiQuery(
    '/lab/actors',
    { query: { language: i18n.language === 'fr' ? 'fr' : 'en' } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={400} radius="md" />;
  return (['attack', 'legitimate'] as const).map((kind) => (
    <Paper key={kind} p="md" component="section" aria-label={t(`actors.${kind}`)}>
      <Title order={2} mb="xs">
        {t(`actors.${kind}`)}
      </Title>
      {!may && (
        <Text size="sm" c="dimmed" mb="xs">
          {t('actors.forbidden')}
        </Text>
      )}
      <ul className={classes.actors}>
        {data.items
          .filter((actor) => actor.class === kind)
          .map(({ name, what }) => {
            const title = words(`actor.${name}`, { defaultValue: name });
            const outcome = results.find(({ actor }) => actor === name);
            return (
              <li key={name}>
                <Stack gap={2} className={classes.actor}>
                  <strong>{title}</strong>
                  <Text size="xs" c="dimmed">
                    {what}
                  </Text>
                  {outcome && (
                    <span>
                      <Landing outcome={outcome} mailboxes={mailboxes} />
                    </span>
                  )}
                </Stack>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={t(kind === 'attack' ? 'actors.attackAs' : 'actors.sendAs', { name: title })}
                  leftSection={
                    kind === 'attack' ? <Swords size={14} aria-hidden /> : <Send size={14} aria-hidden />
                  }
                  loading={sending === name}
                  disabled={!may || sending !== undefined}
                  onClick={() => onSend(name)}
                >
                  {t(kind === 'attack' ? 'actors.attackVerb' : 'actors.sendVerb')}
                </Button>
              </li>
            );
          })}
      </ul>
    </Paper>
  ));
}
