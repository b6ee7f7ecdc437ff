import { Anchor, List, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DirectSendAudit } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useRate } from '../../components/audit/rate.ts';
import { useWords } from '../../components/audit/words.ts';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';

type AfterSwitch = NonNullable<DirectSendAudit['after']>;
const TONE: Record<AfterSwitch['proofs'][number]['state'], Tone> = {
  proven: 'good',
  mixed: 'warn',
  'still-direct': 'bad',
  silent: 'warn',
  'not-told': 'quiet',
};
const MOST = 50;

/** What has become of senders since the rule was switched on, or they were moved. */
export function After({ after: { silent, refused, proofs } }: { after: AfterSwitch }) {
  const { t } = useTranslation('direct-send');
  const words = useWords();
  const format = useFormat();
  const rate = useRate();
  const to = (id: string, name: string) => (
    <Anchor
      component={Link}
      to="/direct-send/senders/$sender"
      params={{ sender: id } as never}
      inherit
      underline="always"
    >
      {name}
    </Anchor>
  );
  const none = (text: string) => (
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  );
  return (
    <Paper p="md">
      <Title order={2} mb={8}>
        {t('after.title')}
      </Title>
      <SimpleGrid cols={{ base: 1, md: 3 }} spacing="lg" style={{ overflowWrap: 'anywhere' }}>
        <section>
          <Title order={3} mb={4}>
            {t('after.silent')}
          </Title>
          {silent.length === 0 && none(t('after.noSilent'))}
          <List size="sm" spacing={4} listStyleType="none">
            {silent.slice(0, MOST).map((one) => (
              <List.Item key={one.id}>
                {to(one.id, one.name)}: {words.after.silentText({ perDay: rate(one.perDay), days: one.days })}
              </List.Item>
            ))}
          </List>
        </section>
        <section>
          <Title order={3} mb={4}>
            {t('after.refused')}
          </Title>
          {refused.length === 0 && none(t('after.noRefused'))}
          <List size="sm" spacing={4} listStyleType="none">
            {refused.slice(0, MOST).map((one) => (
              <List.Item key={one.sender}>
                {to(one.sender, one.envelopeSenders[0] ?? one.addresses[0] ?? one.sender)}:{' '}
                {t('messages', { count: one.messages, number: format.number(one.messages) })}
              </List.Item>
            ))}
          </List>
        </section>
        <section>
          <Title order={3} mb={4}>
            {t('after.proofs')}
          </Title>
          {proofs.length === 0 && none(t('after.noProofs'))}
          <List size="sm" spacing={4} listStyleType="none">
            {proofs.slice(0, MOST).map((one) => (
              <List.Item key={one.id}>
                {to(one.id, one.name)}{' '}
                <StateBadge tone={TONE[one.state]}>{words.after.states[one.state] ?? one.state}</StateBadge>
              </List.Item>
            ))}
          </List>
        </section>
      </SimpleGrid>
    </Paper>
  );
}
