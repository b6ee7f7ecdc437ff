import { Anchor, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../code-block.tsx';
import { StateBadge } from '../state-badge.tsx';

const EXCHANGE = {
  name: 'admin.exchange.microsoft.com',
  address: 'https://admin.exchange.microsoft.com/#/messagetrace',
};
const DEFENDER = {
  name: 'security.microsoft.com',
  address: 'https://security.microsoft.com/v2/advanced-hunting',
};
const REPORTS = {
  name: 'admin.exchange.microsoft.com',
  address: 'https://admin.exchange.microsoft.com/#/reports/mailflowreportsmain',
};

const WAYS = [
  { id: 'trace', portal: EXCHANGE, isBest: true },
  { id: 'hunting', portal: DEFENDER },
  { id: 'connector', portal: REPORTS },
  { id: 'headers' },
] as const;

/** What an administrator can export by hand, and where to click. @param domains own ones, for the query */
export function ExportGuide({ domains = [] }: { domains?: readonly string[] }) {
  const { t } = useTranslation('audit');
  return (
    <section aria-labelledby="export-guide">
      <Title order={2} id="export-guide" mb="sm">
        {t('guide.title')}
      </Title>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        {WAYS.map((way) => (
          <Paper key={way.id} p="md">
            <Stack gap={6}>
              <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, alignItems: 'center' }}>
                <Title order={3}>{t(`guide.${way.id}.title`)}</Title>
                {'isBest' in way && <StateBadge tone="good">{t('guide.best')}</StateBadge>}
              </div>
              <Text size="sm">{t(`guide.${way.id}.tells`)}</Text>
              <Text size="sm" fw={550}>
                {t(`guide.${way.id}.where`)}
              </Text>
              <Text size="sm" c="dimmed">
                {t(`guide.${way.id}.steps`)}
              </Text>
              {way.id === 'hunting' && <CodeBlock value={queryFor(domains)} label={t('guide.copyQuery')} />}
              {'portal' in way && (
                <Anchor href={way.portal.address} target="_blank" rel="noreferrer" size="sm">
                  {t('guide.open', { portal: way.portal.name })}
                </Anchor>
              )}
            </Stack>
          </Paper>
        ))}
      </SimpleGrid>
    </section>
  );
}

function queryFor(domains: readonly string[]): string {
  const own = (domains.length > 0 ? domains.slice(0, 20) : ['contoso.com'])
    .map((one) => `"${one}"`)
    .join(', ');
  return [
    `let own = dynamic([${own}]);`,
    'EmailEvents',
    '| where Timestamp > ago(30d)',
    '| where EmailDirection == "Inbound"',
    '| where SenderMailFromDomain has_any (own)',
    '    or SenderFromDomain has_any (own)',
  ].join('\n');
}
