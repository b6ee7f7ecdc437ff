import { Text } from '@mantine/core';
import type { TFunction } from 'i18next';
import type { Message } from '../../api/schema.ts';
import { Bytes } from '../../components/bytes.tsx';
import type { Column } from '../../components/data-table.tsx';
import { MessageState } from '../../components/message-state/message-state.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './messages.module.css';

export function columnsOf(
  t: TFunction<'messages'>,
  refusalText: (code: string) => string,
): Column<Message>[] {
  const subject = ({ subject: text, code, state }: Message) =>
    state === 'refused' && code !== undefined ? (
      <span title={refusalText(code)}>
        <bdi>{text ?? ''}</bdi> <span className={classes.why}>{refusalText(code)}</span>
      </span>
    ) : text === undefined || text === '' ? (
      <Text component="span" size="sm" c="dimmed">
        {t('noSubject')}
      </Text>
    ) : (
      <bdi title={text}>{text}</bdi>
    );
  const from = ({ headerFrom, from: sender = '' }: Message) =>
    sender === '' && headerFrom === undefined ? (
      <Text component="span" size="sm" c="dimmed">
        {t('nobody')}
      </Text>
    ) : (
      <bdi title={sender}>{headerFrom ?? sender}</bdi>
    );
  const to = ({ recipients, recipientCount }: Message) => (
    <span title={recipients.slice(0, 10).join('\n')}>
      <bdi>{recipients[0]}</bdi>
      {recipientCount > 1 && <span className={classes.more}> +{recipientCount - 1}</span>}
    </span>
  );
  return [
    {
      id: 'at',
      title: t('column.at'),
      width: '104px',
      narrow: '100px',
      cell: ({ at }) => <TimeText at={at} />,
    },
    {
      id: 'state',
      title: t('column.state'),
      width: '138px',
      narrow: '104px',
      cell: ({ state }) => <MessageState state={state} />,
    },
    { id: 'from', title: t('column.from'), width: 'minmax(130px, 1.5fr)', wideOnly: true, cell: from },
    { id: 'to', title: t('column.to'), width: 'minmax(130px, 1.5fr)', wideOnly: true, cell: to },
    {
      id: 'subject',
      title: t('column.subject'),
      width: 'minmax(160px, 2.2fr)',
      narrow: 'minmax(0, 1fr)',
      cell: subject,
    },
    {
      id: 'source',
      title: t('column.source'),
      width: 'minmax(100px, 1fr)',
      wideOnly: true,
      cell: ({ sourceName, direction }) =>
        sourceName === undefined ? (
          <Text component="span" size="sm" c="dimmed">
            {t(`origin.${direction}`)}
          </Text>
        ) : (
          <bdi title={sourceName}>{sourceName}</bdi>
        ),
    },
    {
      id: 'size',
      title: t('column.size'),
      width: '92px',
      align: 'right',
      wideOnly: true,
      cell: ({ size }) => (size === undefined ? null : <Bytes octets={size} />),
    },
  ];
}
