import { Anchor, List, Skeleton, Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { Outcome } from '../../components/lab-outcome/outcome.tsx';
import classes from './lab-tour.module.css';
import type { Done, Tour } from './step.tsx';

const DOMAIN = 'contoso.test';
/** Fields of a delivered message in which the front door says what it found. */
const TELLING =
  /^(?:Authentication-Results|X-MS-Exchange-Organization-(?:AuthAs|MessageDirectionality|IsAnonymousDirectSend)):/i;

interface Props {
  done: Done;
  tour: Tour;
  mailboxes: readonly { address: string; name: string }[];
  startedAt: number;
}

/** What came of one part of a step. */
export function Shown({ done: { part, outcome }, tour, mailboxes, startedAt }: Props) {
  const { t } = useTranslation('lab-tour');
  switch (part.kind) {
    case 'note':
      return <Text className={classes.text}>{part.text}</Text>;
    case 'facts':
      return <Facts />;
    case 'senders':
      return <Senders since={startedAt} />;
    case 'link':
      return <KeyValues rows={[[t('link'), <code key="link">{part.address}</code>]]} />;
    case 'record':
      return <DnsRecord name={part.name} />;
    case 'set':
      return part.command === undefined ? null : <CodeBlock value={`PS> ${part.command}`} wrap />;
    case 'switch':
      return (
        <Text size="sm" c="dimmed">
          {t(part.enabled ? 'switchedOn' : 'switchedOff', { name: part.connector })}
        </Text>
      );
    case 'outlook':
      return (
        <>
          <Text className={classes.text}>
            <Anchor component={Link} to="/lab" underline="always">
              {t('play')}
            </Anchor>
          </Text>
          <Text fw={600}>{t('atHome')}</Text>
          <List type="ordered" className={classes.text} spacing={4}>
            {tour.order.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        </>
      );
    case 'send':
      if (!outcome) return null;
      return (
        <>
          <Outcome
            outcome={outcome}
            mailboxes={mailboxes}
            surprise={outcome.landed.length > 0 !== part.taken}
          />
          {part.fields && outcome.landedHead !== '' && (
            <div>
              {part.heading !== undefined && <Text className={classes.text}>{part.heading}</Text>}
              <CodeBlock value={tellingOf(outcome.landedHead)} wrap />
            </div>
          )}
        </>
      );
  }
}

/** The fields that count, each on one line. */
function tellingOf(head: string): string {
  return head
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .filter((field) => TELLING.test(field))
    .join('\n');
}

function Facts() {
  const { t } = useTranslation('lab-tour');
  const settings = useApiQuery('/lab/settings').data?.items;
  const connectors = useApiQuery('/lab/connectors').data?.items;
  if (!settings || !connectors) return <Skeleton height={120} />;
  const rule = settings.find(({ name }) => name === 'RejectDirectSend')?.value === true;
  return (
    <div className={classes.card}>
      <KeyValues
        rows={[
          ['RejectDirectSend', rule ? 'True' : 'False'],
          ['MX', <Records key="mx" name={DOMAIN} type="MX" />],
          ['SPF', <Records key="spf" name={DOMAIN} type="TXT" />],
          ['DMARC', <Records key="dmarc" name={`_dmarc.${DOMAIN}`} type="TXT" />],
          [
            t('connectors'),
            connectors
              .map(({ name, certificateName }) => (certificateName ? `${name} (${certificateName})` : name))
              .join(', '),
          ],
        ]}
      />
    </div>
  );
}

function Records({ name, type }: { name: string; type: 'MX' | 'TXT' }) {
  const { t } = useTranslation('lab-tour');
  const { data } = useApiQuery('/lab/dns/{name}/{type}', { params: { name, type } }, { staleTime: 0 });
  return <code className={classes.record}>{data ? data.values.join(' ') || t('noRecord') : '…'}</code>;
}

/** As it is now: what a later step makes of it does not change what was shown here. */
function DnsRecord({ name }: { name: string }) {
  return (
    <div className={classes.card}>
      <KeyValues rows={[[name, <Records key="record" name={name} type="TXT" />]]} />
    </div>
  );
}

function Senders({ since }: { since: number }) {
  const { t } = useTranslation('lab-tour');
  const { data } = useApiQuery(
    '/lab/direct-senders',
    { query: { since: new Date(since).toISOString() } },
    { staleTime: 0 },
  );
  if (!data) return <Skeleton height={140} />;
  return (
    <Table.ScrollContainer minWidth={560} tabIndex={0}>
      <Table className={classes.card}>
        <Table.Thead>
          <Table.Tr>
            {(['address', 'name', 'sender', 'messages'] as const).map((name) => (
              <Table.Th key={name}>{t(`column.${name}`)}</Table.Th>
            ))}
            <Table.Th>DMARC</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.items.map((one) => (
            <Table.Tr key={one.address}>
              <Table.Td>{one.address}</Table.Td>
              <Table.Td>{one.name ?? t('noName')}</Table.Td>
              <Table.Td>{one.senders.join(' ')}</Table.Td>
              <Table.Td>{one.messages}</Table.Td>
              <Table.Td>{one.dmarc.join(' ')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
