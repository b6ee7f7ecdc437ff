import type { TFunction } from 'i18next';
import type { WaitingGroup } from '../../api/schema.ts';
import type { Formats } from '../../app/format.ts';
import { Bytes } from '../../components/bytes.tsx';
import type { Column } from '../../components/data-table.tsx';
import { RemoteWords } from '../../components/remote-words/remote-words.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './queue.module.css';

export function columnsOf(t: TFunction<'queue'>, format: Formats): Column<WaitingGroup>[] {
  return [
    {
      id: 'domain',
      title: t('column.domain'),
      width: 'minmax(130px, 1.2fr)',
      narrow: 'minmax(0, 1fr)',
      cell: ({ domain }) => <bdi title={domain}>{domain}</bdi>,
    },
    {
      id: 'deliveries',
      title: t('column.deliveries'),
      width: '84px',
      narrow: '84px',
      align: 'right',
      cell: ({ deliveries }) => format.number(deliveries),
    },
    {
      id: 'why',
      title: t('column.why'),
      width: 'minmax(220px, 3.2fr)',
      narrow: 'minmax(0, 1.2fr)',
      cell: (group) => <Why group={group} t={t} format={format} />,
    },
    {
      id: 'oldest',
      title: t('column.oldest'),
      width: '110px',
      wideOnly: true,
      cell: ({ oldestAt }) => <TimeText at={oldestAt} />,
    },
    {
      id: 'next',
      title: t('column.next'),
      width: '110px',
      wideOnly: true,
      cell: ({ asleep, nextAttemptAt }) => {
        const at = Math.max(asleep?.until ?? 0, nextAttemptAt);
        return at <= Date.now() ? t('now') : <TimeText at={at} />;
      },
    },
    {
      id: 'route',
      title: t('column.route'),
      width: 'minmax(80px, 0.7fr)',
      wideOnly: true,
      cell: ({ route }) => <bdi title={route}>{route}</bdi>,
    },
    {
      id: 'bytes',
      title: t('column.size'),
      width: '88px',
      align: 'right',
      wideOnly: true,
      cell: ({ bytes }) => <Bytes octets={bytes} />,
    },
  ];
}

/** In the words of the other side; several replies with how often each was said. */
function Why({ group, t, format }: { group: WaitingGroup; t: TFunction<'queue'>; format: Formats }) {
  const { asleep, reasons, deliveries } = group;
  const said = asleep ? [{ reply: asleep.reply, deliveries }] : reasons;
  const [first, ...others] = said;
  if (!first) return <span className={classes.quiet}>{t('untried')}</span>;
  const all = said.map(({ reply, deliveries: count }) => `${format.number(count)} × ${reply}`).join('\n');
  return (
    <span title={all}>
      <RemoteWords says={first.reply} />
      {others.length > 0 && <span className={classes.quiet}> {t('others', { count: others.length })}</span>}
    </span>
  );
}
