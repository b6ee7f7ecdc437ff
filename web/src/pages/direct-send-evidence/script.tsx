import { Button, Group, List, NumberInput, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Download from 'lucide-react/icons/download';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf } from '../../api/client.ts';
import { useApi } from '../../api/context.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';

const RUN = '.\\postern-audit.ps1 -UserPrincipalName admin@contoso.com -NotifyAddress admin@contoso.com';

/** The PowerShell that gathers all evidence, with what it needs and how it is run. */
export function Script() {
  const { t } = useTranslation('audit');
  const api = useApi();
  const [days, setDays] = useState(90);
  const [isShown, setShown] = useState(false);
  const address = addressOf('/audit/script', {}, { days });
  const script = useQuery({
    queryKey: ['script of the audit', days],
    queryFn: async ({ signal }) => (await api.request('get', address, { signal })).text(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Paper p="md" component="section" aria-labelledby="script">
      <Stack gap="sm">
        <div>
          <Title order={2} id="script">
            {t('script.title')}
          </Title>
          <Text size="sm" c="dimmed" maw={760}>
            {t('script.text')}
          </Text>
        </div>
        <Group align="flex-end" gap="sm">
          <NumberInput
            label={t('script.days')}
            min={1}
            max={90}
            clampBehavior="strict"
            w={120}
            value={days}
            onChange={(value) => {
              const number = Number(value);
              if (Number.isInteger(number) && number >= 1 && number <= 90) setDays(number);
            }}
          />
          <Button component="a" href={address} download leftSection={<Download size={15} aria-hidden />}>
            {t('script.download')}
          </Button>
          {script.data !== undefined && <CopyButton value={script.data} label={t('script.copy')} withText />}
          <Button variant="subtle" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
            {t(isShown ? 'script.hide' : 'script.show')}
          </Button>
        </Group>
        {script.error && <ProblemAlert error={script.error} onRetry={() => void script.refetch()} />}
        {isShown &&
          (script.data === undefined ? (
            <Skeleton height={300} />
          ) : (
            <div style={{ maxHeight: 420, overflow: 'auto' }}>
              <CodeBlock value={script.data} label={t('script.copy')} />
            </div>
          ))}
        <div>
          <Title order={3} mb={4}>
            {t('script.rights')}
          </Title>
          <List size="sm" spacing={2}>
            {(['module', 'read', 'reports'] as const).map((right) => (
              <List.Item key={right}>{t(`script.right.${right}`)}</List.Item>
            ))}
          </List>
        </div>
        <div>
          <Title order={3} mb={4}>
            {t('script.run')}
          </Title>
          <CodeBlock value={RUN} wrap />
        </div>
        <Text size="sm">{t('script.after')}</Text>
      </Stack>
    </Paper>
  );
}
