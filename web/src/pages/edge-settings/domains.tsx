import { Text } from '@mantine/core';
import Globe from 'lucide-react/icons/globe';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { AcceptedDomain } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import type { Column } from '../../components/data-table.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { DomainForm } from './domain-form.tsx';
import { EditedList } from './edited-list.tsx';

const STALE = ['/edge/domains', '/edge/status', '/edge/recipients'];
const nameOf = ({ name }: AcceptedDomain) => name;

/** Whose mail is taken. */
export function Domains() {
  const { t } = useTranslation('edge-settings');
  const format = useFormat();
  const list = useApiQuery('/edge/domains');
  const remove = useApiMutation('delete', '/edge/domains/{name}', STALE);
  const put = useApiMutation('put', '/edge/domains/{name}', STALE);
  const columns = useMemo<Column<AcceptedDomain>[]>(
    () => [
      { id: 'name', title: t('domain.name'), width: 'minmax(0, 2fr)', cell: nameOf },
      {
        id: 'type',
        title: t('domain.type'),
        width: 'minmax(120px, 1fr)',
        cell: ({ type }) => t(`domain.${type}.label`),
      },
      {
        id: 'sub',
        title: t('domain.subdomains'),
        width: '130px',
        wideOnly: true,
        cell: ({ matchSubDomains }) => t(matchSubDomains ? 'yes' : 'no'),
      },
      {
        id: 'recipients',
        title: t('domain.recipients'),
        width: '140px',
        narrow: '84px',
        align: 'right',
        cell: ({ recipients, type }) =>
          recipients === 0 && type === 'authoritative' ? (
            <StateBadge tone="warn">{t('domain.nobody')}</StateBadge>
          ) : (
            format.number(recipients)
          ),
      },
    ],
    [t, format],
  );
  return (
    <EditedList
      texts="domain"
      label={t('tab.domains')}
      icon={Globe}
      columns={columns}
      list={list}
      nameOf={nameOf}
      form={(domain, onClose) => <DomainForm domain={domain} onClose={onClose} />}
      remove={({ name, recipients }) =>
        remove.mutateAsync({
          params: { name },
          query: { recipients: recipients > 0 ? 'remove' : 'keep' },
        })
      }
      restore={({ name, type, matchSubDomains, recipients }) =>
        // a list of people that is gone has to be imported again
        recipients > 0
          ? undefined
          : () => put.mutateAsync({ params: { name }, body: { type, matchSubDomains } })
      }
      consequence={({ recipients }) =>
        recipients > 0 && (
          <Text size="sm" mt="xs" fw={600}>
            {t('domain.removeRecipients', { count: recipients, number: format.number(recipients) })}
          </Text>
        )
      }
    />
  );
}
