import { Button, Drawer, Stack, Text } from '@mantine/core';
import UserPlus from 'lucide-react/icons/user-plus';
import Users from 'lucide-react/icons/users';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import type { Person } from '../../api/schema.ts';
import { Can, useSession } from '../../app/session.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { InvitationLink, type Invited } from './invitation-link.tsx';
import { InvitePerson } from './invite-person.tsx';
import { PersonDetail } from './person-detail.tsx';
import { ROLES } from './roles.ts';

type State = Person['state'] | 'invited' | 'expired';
const TONES: Record<State, Tone> = { active: 'good', disabled: 'quiet', invited: 'info', expired: 'warn' };

/** Who may sign in. */
export default function PeoplePage() {
  const { t } = useTranslation('people');
  const { who } = useSession();
  const [{ person: opened, ...filters }, setFilters] = useFilters(['search', 'role', 'person']);
  const list = useApiQuery('/people', { query: filters as { search?: string } });
  const [isInviting, setInviting] = useState(false);
  const [invited, setInvited] = useState<Invited>();
  const shown = list.data?.items.find(({ email }) => email === opened);
  const columns = useMemo<Column<Person>[]>(
    () => [
      {
        id: 'person',
        title: t('column.person'),
        width: 'minmax(220px, 2fr)',
        narrow: 'minmax(0, 1fr)',
        cell: ({ id, name, email }) => (
          <>
            <span style={{ fontWeight: 550 }}>{name}</span>
            {id === who.id && <> ({t('you')})</>}{' '}
            <Text span size="xs" c="dimmed">
              {email}
            </Text>
          </>
        ),
      },
      {
        id: 'role',
        title: t('column.role'),
        width: '150px',
        narrow: '120px',
        cell: ({ role }) => t(`role.${role}`),
      },
      {
        id: 'state',
        title: t('column.state'),
        width: '140px',
        wideOnly: true,
        cell: (person) => {
          const state = stateOf(person);
          return <StateBadge tone={TONES[state]}>{t(`state.${state}`)}</StateBadge>;
        },
      },
      {
        id: 'factors',
        title: t('column.factors'),
        width: 'minmax(160px, 1fr)',
        wideOnly: true,
        cell: ({ hasPassword, hasTotp, issuer }) =>
          t(
            `factor.${hasTotp ? 'totp' : hasPassword ? 'password' : issuer === undefined ? 'none' : 'issuer'}`,
          ),
      },
      {
        id: 'last',
        title: t('column.last'),
        width: '130px',
        wideOnly: true,
        cell: ({ lastSignedInAt }) =>
          lastSignedInAt === undefined ? t('never') : <TimeText at={lastSignedInAt} />,
      },
    ],
    [t, who.id],
  );
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <Can role="owner">
            <Button leftSection={<UserPlus size={15} aria-hidden />} onClick={() => setInviting(true)}>
              {t('invite.open')}
            </Button>
          </Can>
        }
      />
      <FilterBar
        values={filters}
        onChange={setFilters}
        filters={[
          { kind: 'search', name: 'search', label: t('search'), placeholder: t('searchHelp') },
          {
            kind: 'choice',
            name: 'role',
            label: t('role.label'),
            options: ROLES.map((value) => ({ value, label: t(`role.${value}`) })),
          },
        ]}
      />
      <DataTable
        label={t('title')}
        columns={columns}
        rows={list.data?.items}
        rowKey={({ id }) => id}
        onRow={({ email }) => setFilters({ person: email })}
        error={list.error}
        onRetry={() => void list.refetch()}
        empty={<EmptyState icon={Users} title={t('empty')} />}
      />
      <Drawer
        opened={shown !== undefined}
        onClose={() => setFilters({ person: undefined })}
        position="right"
        size="md"
        title={shown?.name}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {shown && (
          <PersonDetail
            key={shown.id}
            person={shown}
            onInvited={setInvited}
            onRemoved={() => setFilters({ person: undefined })}
          />
        )}
      </Drawer>
      {isInviting && <InvitePerson onClose={() => setInviting(false)} onInvited={setInvited} />}
      {invited && <InvitationLink invited={invited} onClose={() => setInvited(undefined)} />}
    </Stack>
  );
}

function stateOf({ state, hasPassword, issuer, lastSignedInAt, invitedUntil }: Person): State {
  if (state === 'disabled') return 'disabled';
  if (invitedUntil !== undefined && !hasPassword) return invitedUntil > Date.now() ? 'invited' : 'expired';
  return hasPassword || issuer !== undefined || lastSignedInAt !== undefined ? 'active' : 'expired';
}
