import { Alert, Button, Group, List, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { EdgeMessage } from '../../api/schema.ts';
import { Bytes } from '../../components/bytes.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { OpenPoints } from '../../components/verdicts/open-points.tsx';
import { verdictsOf } from '../../components/verdicts/verdict.ts';
import { VerdictList } from '../../components/verdicts/verdict-list.tsx';
import { FATE_TONES, fateOf } from './fate.ts';
import { Why } from './why.tsx';

const STORY = '/messages/$id';

/** One message at the edge: what became of it and why, who brought it, what it proved. */
export function MessageDetail({ message, onLeave }: { message: EdgeMessage; onLeave: () => void }) {
  const { t } = useTranslation('edge-traffic');
  const fate = fateOf(message);
  const verdicts = verdictsOf(message);
  const { from, headerFrom, to, reasons, reply, open, network, hello, connector, spoof, imitates } = message;
  const hasStory = message.message !== undefined;
  return (
    <Stack gap="lg">
      <Alert color={{ good: 'green', bad: 'red', warn: 'yellow' }[FATE_TONES[fate] as string] ?? 'gray'}>
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <StateBadge tone={FATE_TONES[fate]}>{t(`fate.${fate}`)}</StateBadge>
          <Text size="sm" fw={600}>
            <Why message={message} />
          </Text>
        </Group>
        {reasons.length > 0 && (
          <List size="sm" mt={6}>
            {reasons.map((reason) => (
              <List.Item key={reason}>{reason}</List.Item>
            ))}
          </List>
        )}
      </Alert>
      {reply !== undefined && message.outcome === 'refused' && (
        <section>
          <Title order={2} mb={4}>
            {t('detail.reply')}
          </Title>
          <CodeBlock value={reply} wrap />
        </section>
      )}
      <KeyValues
        rows={[
          [t('column.at'), <TimeText key="at" at={message.at} exact />],
          [t('detail.headerFrom'), headerFrom ?? from],
          [t('detail.envelope'), from === '' ? '<>' : from],
          [t('column.to'), to.join(', ')],
          [t('detail.imitates'), spoof === undefined ? undefined : imitates],
          [
            t('column.client'),
            network === undefined
              ? undefined
              : hello === undefined
                ? network
                : t('detail.client', { network, hello }),
          ],
          [t('detail.tls'), message.tls ?? t('detail.noTls')],
          [
            t('detail.way'),
            connector === undefined
              ? t(message.directSend ? 'kind.direct-send' : 'detail.anonymous')
              : t('detail.connector', { connector }),
          ],
          [
            t('detail.size'),
            message.size === undefined ? undefined : <Bytes key="size" octets={message.size} />,
          ],
        ]}
      />
      {verdicts.length > 0 && (
        <section>
          <Title order={2} mb={4}>
            {t('detail.verdicts')}
          </Title>
          <VerdictList verdicts={verdicts} />
        </section>
      )}
      {open.length > 0 && (
        <section>
          <Title order={2} mb={4}>
            {t('detail.open')}
          </Title>
          <OpenPoints questions={open} />
        </section>
      )}
      <Group gap="xs">
        {hasStory && (
          <Button component={Link} to={STORY} params={{ id: message.message } as never} variant="default">
            {t('detail.story')}
          </Button>
        )}
        {network !== undefined && to[0] !== undefined && (
          <Button
            component={Link}
            to="/edge/what-if"
            search={{ address: network, sender: from === '' ? '<>' : from, recipient: to[0] } as never}
            variant="default"
          >
            {t('detail.whatIf')}
          </Button>
        )}
        {network !== undefined && (
          <Button
            component={Link}
            to="/edge/traffic"
            search={{ network } as never}
            variant="default"
            onClick={onLeave}
          >
            {t('detail.network')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
