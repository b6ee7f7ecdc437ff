import { Alert, Paper, Stack, Text, Title } from '@mantine/core';
import DoorClosed from 'lucide-react/icons/door-closed';
import DoorOpen from 'lucide-react/icons/door-open';
import MailQuestion from 'lucide-react/icons/mail-question-mark';
import { useTranslation } from 'react-i18next';
import type { EdgeDecision } from '../../api/schema.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { OpenPoints } from '../../components/verdicts/open-points.tsx';

/** What the front door would decide, on what grounds, and which of them nobody could try. */
export function Decision({ decision }: { decision: EdgeDecision | undefined }) {
  const { t } = useTranslation('edge-what-if');
  const { t: words } = useTranslation('verdicts');
  if (!decision) {
    return (
      <EmptyState icon={MailQuestion} title={t('nothing.title')}>
        {t('nothing.text')}
      </EmptyState>
    );
  }
  const { refused, refusal, attribution, directSend, recipientExists, open } = decision;
  const { connector, by } = attribution;
  const why = refusal
    ? words(`code.${refusal.code}`, { defaultValue: refusal.code })
    : attribution.kind === 'originating'
      ? t('why.own', { connector })
      : connector !== undefined
        ? t('why.partner', { connector })
        : t(directSend ? 'why.directSend' : 'why.anonymous');
  return (
    <Stack gap="md">
      <Alert
        color={refused ? 'red' : 'green'}
        icon={refused ? <DoorClosed size={18} aria-hidden /> : <DoorOpen size={18} aria-hidden />}
        title={t(refused ? 'refused' : 'letIn')}
      >
        <Text size="sm" fw={600}>
          {why}
        </Text>
        {refusal && (
          <Text size="sm" mt={4}>
            {refusal.explanation}
          </Text>
        )}
        {!refused && attribution.kind === 'incoming' && connector === undefined && (
          <Text size="sm" mt={4}>
            {t('rest')}
          </Text>
        )}
      </Alert>
      {refusal && (
        <Paper p="md">
          <Title order={2} mb={4}>
            {t('remedy')}
          </Title>
          <Text size="sm">{refusal.remedy}</Text>
          <Title order={2} mt="md" mb={4}>
            {t('reply')}
          </Title>
          <CodeBlock value={refusal.reply} wrap />
          <Text size="xs" c="dimmed" mt={4}>
            {t(`stage.${refusal.stage}`)}
          </Text>
        </Paper>
      )}
      <Paper p="md">
        <Title order={2} mb={4}>
          {t('grounds')}
        </Title>
        <KeyValues
          rows={[
            [t('whose'), t(`kind.${attribution.kind}`)],
            [
              t('connector'),
              connector === undefined
                ? t('none')
                : by === undefined
                  ? connector
                  : t(`by.${by}`, { connector }),
            ],
            [t('domain'), attribution.domain],
            [t('directSend'), t(directSend ? 'yes' : 'no')],
            [t('exists'), t(recipientExists ? 'yes' : 'no')],
          ]}
        />
      </Paper>
      {open.length > 0 && (
        <Alert color="yellow" title={t('open')}>
          <OpenPoints questions={open.map(({ question }) => question)} />
        </Alert>
      )}
      <Text size="xs" c="dimmed">
        {t('limits')}
      </Text>
    </Stack>
  );
}
