import { Alert, Anchor, List, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { EdgeStatus } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StatTile } from '../../components/stat-tile.tsx';
import { TimeText } from '../../components/time-text.tsx';

const LISTENER = '[[listener]]\nname = "mx"\nhost = "0.0.0.0"\nport = 25\nrole = "edge"';

interface Props {
  status: EdgeStatus | undefined;
  error: unknown;
  onRetry: () => void;
}

/** How the edge is: what is closed, who can be asked, what does not answer, and what is set wrongly. */
export function Health({ status, error, onRetry }: Props) {
  const { t } = useTranslation('edge-traffic');
  if (error && !status) return <ProblemAlert error={error} onRetry={onRetry} />;
  if (!status) return <Skeleton height={86} radius="md" />;
  if (status.listeners.length === 0) {
    return (
      <Alert title={t('health.none.title')} color="postern">
        <Stack gap="xs">
          <Text size="sm">{t('health.none.text')}</Text>
          <CodeBlock value={LISTENER} />
        </Stack>
      </Alert>
    );
  }
  return (
    <Stack gap="sm">
      {status.advice.length > 0 && (
        <Alert color="yellow" title={t('health.advice')}>
          <List size="sm">
            {status.advice.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
          <Anchor
            component={Link}
            to="/edge/settings"
            size="sm"
            mt={6}
            display="inline-block"
            c="inherit"
            underline="always"
          >
            {t('health.toSettings')}
          </Anchor>
        </Alert>
      )}
      <Tiles status={status} />
    </Stack>
  );
}

function Tiles({ status: { settings, domains, recipients, checks, listeners } }: { status: EdgeStatus }) {
  const { t } = useTranslation('edge-traffic');
  const format = useFormat();
  const { blocklists, greylisted, harvesters, networks } = checks;
  const silent = blocklists.filter(({ used, problem }) => !used || problem !== undefined);
  const wrong = recipients.sources.filter(({ problem }) => problem !== undefined);
  const tell = (one: { problem?: string }[]) =>
    one
      .map(({ problem }) => problem)
      .filter(Boolean)
      .join('; ');
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
      <StatTile
        label={t('health.directSend')}
        value={t(settings.rejectDirectSend ? 'health.refused' : 'health.letIn')}
        tone={settings.rejectDirectSend ? 'good' : 'bad'}
        note={t('health.listeners', { names: listeners.map(({ name }) => name).join(', ') })}
        to="/edge/settings"
      />
      <StatTile
        label={t('health.recipients')}
        value={wrong.length > 0 ? t('health.silent') : format.number(recipients.listed)}
        tone={wrong.length > 0 ? 'bad' : 'quiet'}
        note={
          recipients.unavailableSince !== undefined ? (
            <>
              {t('health.waits')} <TimeText at={recipients.unavailableSince} />
            </>
          ) : wrong.length > 0 ? (
            tell(wrong)
          ) : (
            t('health.domains', { count: domains })
          )
        }
        to="/edge/settings"
        search={{ tab: 'recipients' }}
      />
      <StatTile
        label={t('health.blocklists')}
        value={
          blocklists.length === 0
            ? t('health.off')
            : t('health.of', { good: blocklists.length - silent.length, all: blocklists.length })
        }
        tone={silent.length > 0 ? 'warn' : 'quiet'}
        note={
          silent.length > 0
            ? `${silent.map(({ zone }) => zone).join(', ')}: ${tell(silent) || t('health.unused')}`
            : blocklists.length > 0
              ? t('health.answering')
              : t('health.noLists')
        }
      />
      <StatTile
        label={t('health.greylist')}
        value={greylisted === undefined ? t('health.off') : format.number(greylisted)}
        note={greylisted === undefined ? t('health.noWait') : t('health.remembered')}
        to="/edge/traffic"
        search={{ code: 'E213' }}
      />
      <StatTile
        label={t('health.harvesters')}
        value={format.number(harvesters)}
        tone={harvesters > 0 ? 'warn' : 'quiet'}
        note={t('health.networks', { count: networks, number: format.number(networks) })}
        to="/edge/traffic"
        search={{ code: 'E215' }}
      />
    </SimpleGrid>
  );
}
