import { Anchor, List, Paper, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DirectSendAudit, DirectSendInventory } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useWords } from '../../components/audit/words.ts';
import { KeyValues } from '../../components/key-values.tsx';

const DAY = 86_400_000;

/** How far the evidence reaches, what it can not see, and what would tell more. */
export function Coverage({
  audit: { coverage },
  asks,
}: {
  audit: DirectSendAudit;
  asks: DirectSendInventory['asks'] | undefined;
}) {
  const { t } = useTranslation('direct-send');
  const format = useFormat();
  const words = useWords();
  const { firstDay, lastDay, kinds, messages, proven, spots } = coverage;
  return (
    <Paper p="md">
      <Stack gap="md">
        <section aria-labelledby="blind">
          <Title order={2} id="blind" mb={6}>
            {t('coverage.blind')}
          </Title>
          <List size="sm" spacing={6}>
            {spots.map((spot) => (
              <List.Item key={spot.code}>{words.blind(spot)}</List.Item>
            ))}
          </List>
        </section>
        {asks && asks.length > 0 && (
          <section aria-labelledby="asks">
            <Title order={2} id="asks" mb={6}>
              {t('coverage.asks')}
            </Title>
            <List size="sm" spacing={6}>
              {asks.map(({ lack, senders }) => (
                <List.Item key={lack}>
                  <Anchor
                    component={Link}
                    to="/direct-send/senders"
                    search={{ left: 'true', lacks: lack } as never}
                    inherit
                    underline="always"
                  >
                    {t('coverage.ask', { count: senders })}
                  </Anchor>{' '}
                  {words.lacks[lack] ?? lack}
                </List.Item>
              ))}
            </List>
          </section>
        )}
        <section aria-labelledby="covered">
          <Title order={2} id="covered" mb={2}>
            {t('coverage.title')}
          </Title>
          <KeyValues
            rows={[
              [
                t('coverage.period'),
                firstDay !== undefined && lastDay !== undefined
                  ? `${format.date(firstDay * DAY + DAY / 2)} – ${format.date(lastDay * DAY + DAY / 2)}`
                  : undefined,
              ],
              [t('coverage.kinds'), kinds.map((kind) => words.kinds[kind] ?? kind).join(', ')],
              [
                t('coverage.complete'),
                t('coverage.completeDays', {
                  count: coverage.completeDays,
                  all: format.number(coverage.days),
                }),
              ],
              [t('coverage.proven'), format.percent(proven)],
              ...(['keep', 'internal', 'outgoing', 'foreign'] as const).map(
                (name) => [t(`coverage.messages.${name}`), format.number(messages[name] ?? 0)] as const,
              ),
            ]}
          />
          <Text size="xs" c="dimmed" mt={6}>
            {t('coverage.utc')}
          </Text>
        </section>
      </Stack>
    </Paper>
  );
}
