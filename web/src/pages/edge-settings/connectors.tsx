import Cable from 'lucide-react/icons/cable';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { InboundConnector } from '../../api/schema.ts';
import type { Column } from '../../components/data-table.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { ConnectorForm } from './connector-form.tsx';
import { EditedList } from './edited-list.tsx';

const STALE = ['/edge/connectors', '/edge/status'];
const nameOf = ({ name }: InboundConnector) => name;

/** Who is known by certificate or address. */
export function Connectors() {
  const { t } = useTranslation('edge-settings');
  const list = useApiQuery('/edge/connectors');
  const remove = useApiMutation('delete', '/edge/connectors/{name}', STALE);
  const put = useApiMutation('put', '/edge/connectors/{name}', STALE);
  const columns = useMemo<Column<InboundConnector>[]>(
    () => [
      { id: 'name', title: t('connector.name'), width: 'minmax(0, 1.4fr)', cell: nameOf },
      {
        id: 'state',
        title: t('connector.state'),
        width: '96px',
        cell: ({ enabled }) => (
          <StateBadge tone={enabled ? 'good' : 'quiet'}>
            {t(enabled ? 'connector.on' : 'connector.off')}
          </StateBadge>
        ),
      },
      {
        id: 'type',
        title: t('connector.type'),
        width: '140px',
        wideOnly: true,
        cell: ({ type }) => t(`connector.${type}.label`),
      },
      {
        id: 'known',
        title: t('connector.known'),
        width: 'minmax(0, 1.6fr)',
        wideOnly: true,
        cell: ({ certificateName, senderAddresses }) => {
          const known = [certificateName, ...senderAddresses].filter(Boolean).join(', ');
          return known === '' ? (
            <StateBadge tone="warn">{t('connector.nobody')}</StateBadge>
          ) : (
            <span title={known}>{known}</span>
          );
        },
      },
      {
        id: 'senders',
        title: t('connector.senderDomains'),
        width: 'minmax(0, 1.2fr)',
        wideOnly: true,
        cell: ({ senderDomains, type }) =>
          type === 'on-premises' || senderDomains.join() === '*'
            ? t('connector.all')
            : senderDomains.join(', '),
      },
      {
        id: 'restricts',
        title: t('connector.restricts'),
        width: '150px',
        wideOnly: true,
        cell: (connector) =>
          [
            connector.restrictToCertificate && t('connector.certificateOnly'),
            connector.restrictToAddresses && t('connector.addressesOnly'),
          ]
            .filter(Boolean)
            .join(', ') || '–',
      },
    ],
    [t],
  );
  return (
    <EditedList
      texts="connector"
      label={t('tab.connectors')}
      icon={Cable}
      columns={columns}
      list={list}
      nameOf={nameOf}
      form={(connector, onClose) => <ConnectorForm connector={connector} onClose={onClose} />}
      remove={({ name }) => remove.mutateAsync({ params: { name } })}
      restore={({ name, ...body }) =>
        () =>
          put.mutateAsync({ params: { name }, body })
        }
    />
  );
}
