import { Button, Group, Stack, Text } from '@mantine/core';
import Plus from 'lucide-react/icons/plus';
import { type ComponentType, type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Can, useCan } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { RowActions } from './row-actions.tsx';

interface Props<T> {
  /** Where its texts stand: `domain` has `domain.add`, `domain.description`, `domain.removeTitle` and so on. */
  texts: 'domain' | 'connector' | 'safe';
  label: string;
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  columns: readonly Column<T>[];
  /** All of it: these lists are short. */
  list: { data: { items: T[] } | undefined; error: unknown; refetch: () => Promise<unknown> };
  nameOf: (item: T) => string;
  /** Adds one, or changes the one that is given. */
  form: (item: T | 'new', onClose: () => void) => ReactNode;
  remove: (item: T) => Promise<unknown>;
  /** Brings back what was removed; undefined where that is not possible. */
  restore: (item: T) => (() => Promise<unknown>) | undefined;
  /** What else goes with it. */
  consequence?: (item: T) => ReactNode;
}

/** A list that operators add to, change and take away from; auditors read it. */
export function EditedList<T>(props: Props<T>) {
  const { texts, label, icon, columns, list, nameOf, form, remove, restore, consequence } = props;
  const { t } = useTranslation('edge-settings');
  const may = useCan('operator');
  const [edited, setEdited] = useState<T | 'new'>();
  const [removed, setRemoved] = useState<T>();
  const withActions = useMemo<Column<T>[]>(
    () => [
      ...columns,
      {
        id: 'actions',
        title: '',
        width: '84px',
        align: 'right',
        cell: (item) => (
          <RowActions name={nameOf(item)} onEdit={() => setEdited(item)} onRemove={() => setRemoved(item)} />
        ),
      },
    ],
    [columns, nameOf],
  );
  const add = (
    <Can role="operator">
      <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setEdited('new')}>
        {t(`${texts}.add`)}
      </Button>
    </Can>
  );
  const name = removed === undefined ? undefined : nameOf(removed);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={620}>
          {t(`${texts}.description`)}
        </Text>
        {list.data && list.data.items.length > 0 && add}
      </Group>
      <DataTable
        label={label}
        columns={may ? withActions : columns}
        rows={list.data?.items}
        rowKey={nameOf}
        onRow={may ? setEdited : undefined}
        error={list.error}
        onRetry={() => void list.refetch()}
        empty={
          <EmptyState icon={icon} title={t(`${texts}.empty`)} action={add}>
            {t(`${texts}.emptyText`)}
          </EmptyState>
        }
      />
      {edited !== undefined && form(edited, () => setEdited(undefined))}
      <ConfirmAction
        opened={removed !== undefined}
        onClose={() => setRemoved(undefined)}
        title={t(`${texts}.removeTitle`, { name })}
        verb={t('remove')}
        danger
        run={async () => {
          if (removed !== undefined) await remove(removed);
        }}
        done={t(`${texts}.removed`, { name })}
        undo={removed === undefined ? undefined : restore(removed)}
      >
        <Text size="sm">{t(`${texts}.removeText`)}</Text>
        {removed !== undefined && consequence?.(removed)}
      </ConfirmAction>
    </Stack>
  );
}
