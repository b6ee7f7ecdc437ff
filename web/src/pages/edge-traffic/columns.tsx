import type { TFunction } from 'i18next';
import type { EdgeMessage } from '../../api/schema.ts';
import type { Column } from '../../components/data-table.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { VerdictChips } from '../../components/verdicts/verdict-chip.tsx';
import { shortVerdicts, verdictsOf } from '../../components/verdicts/verdict.ts';
import classes from './edge-traffic.module.css';
import { FATE_TONES, fateOf } from './fate.ts';
import { Why } from './why.tsx';

export function columnsOf(t: TFunction): Column<EdgeMessage>[] {
  return [
    {
      id: 'at',
      title: t('column.at'),
      width: '112px',
      narrow: '84px',
      cell: ({ at }) => <TimeText at={at} />,
    },
    {
      id: 'fate',
      title: t('column.fate'),
      width: '124px',
      narrow: '108px',
      cell: (message) => {
        const fate = fateOf(message);
        return <StateBadge tone={FATE_TONES[fate]}>{t(`fate.${fate}`)}</StateBadge>;
      },
    },
    {
      id: 'from',
      title: t('column.from'),
      width: 'minmax(150px, 1.4fr)',
      narrow: 'minmax(0, 1fr)',
      cell: (message) => <From message={message} nobody={t('nobody')} />,
    },
    {
      id: 'to',
      title: t('column.to'),
      width: 'minmax(130px, 1.1fr)',
      wideOnly: true,
      cell: ({ to }) => (
        <span className={classes.isolated} title={to.join(', ')}>
          {to[0]}
          {to.length > 1 && ` +${to.length - 1}`}
        </span>
      ),
    },
    {
      id: 'client',
      title: t('column.client'),
      width: '140px',
      wideOnly: true,
      cell: ({ network, hello }) => <span title={hello}>{network}</span>,
    },
    {
      id: 'verdicts',
      title: t('column.verdicts'),
      width: '206px',
      wideOnly: true,
      cell: (message) => <VerdictChips verdicts={shortVerdicts(verdictsOf(message))} />,
    },
    {
      id: 'why',
      title: t('column.why'),
      width: 'minmax(170px, 1.5fr)',
      wideOnly: true,
      cell: (message) => <Why message={message} />,
    },
  ];
}

/** The author whom people see; who stands on the envelope is in its title where it is another. */
function From({ message: { from, headerFrom }, nobody }: { message: EdgeMessage; nobody: string }) {
  const envelope = from === '' ? '<>' : from;
  return (
    <span
      className={classes.isolated}
      title={headerFrom === undefined ? envelope : `${headerFrom} ← ${envelope}`}
    >
      {headerFrom ?? (from === '' ? nobody : from)}
    </span>
  );
}
