import { Button, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import Cloud from 'lucide-react/icons/cloud-download';
import FileUp from 'lucide-react/icons/file-up';
import Terminal from 'lucide-react/icons/terminal';
import { useTranslation } from 'react-i18next';
import { Can } from '../../app/session.tsx';
import { ExportGuide } from '../../components/audit/guide.tsx';
import classes from './direct-send.module.css';

const WAYS = [
  { id: 'collect', icon: Cloud, tab: 'collect' },
  { id: 'script', icon: Terminal, tab: 'export' },
  { id: 'upload', icon: FileUp, tab: undefined },
] as const;

/** Nothing was audited yet: what it is about, and the three ways to begin. */
export function FirstSteps({ isRunning }: { isRunning: boolean }) {
  const { t } = useTranslation('direct-send');
  return (
    <Stack gap="lg">
      {!isRunning && (
        <Paper p="lg" className={classes.welcome}>
          <Title order={2} mb={4}>
            {t('first.title')}
          </Title>
          <Text maw={760}>{t('first.text')}</Text>
          <ol className={classes.steps}>
            {(['gather', 'read', 'move', 'switch'] as const).map((step) => (
              <li key={step}>
                <strong>{t(`first.step.${step}.title`)}</strong>
                <span>{t(`first.step.${step}.text`)}</span>
              </li>
            ))}
          </ol>
        </Paper>
      )}
      <section aria-labelledby="ways">
        <Title order={2} id="ways" mb="sm">
          {t('first.ways')}
        </Title>
        <SimpleGrid cols={{ base: 1, md: 3 }} spacing="md">
          {WAYS.map(({ id, icon: Icon, tab }, index) => (
            <Paper key={id} p="md">
              <Stack gap={8} h="100%">
                <Group gap={8}>
                  <Icon size={18} aria-hidden />
                  <Title order={3}>{t(`first.way.${id}.title`)}</Title>
                </Group>
                <Text size="sm" c="dimmed" style={{ flex: 1 }}>
                  {t(`first.way.${id}.text`)}
                </Text>
                <div>
                  <Can role="operator" why>
                    {(may) => (
                      <Button
                        component={Link}
                        to="/direct-send/evidence"
                        search={(tab === undefined ? {} : { tab }) as never}
                        variant={index === 0 ? 'filled' : 'default'}
                        disabled={!may}
                      >
                        {t(`first.way.${id}.action`)}
                      </Button>
                    )}
                  </Can>
                </div>
              </Stack>
            </Paper>
          ))}
        </SimpleGrid>
      </section>
      <ExportGuide />
    </Stack>
  );
}
