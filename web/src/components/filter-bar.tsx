import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import Search from 'lucide-react/icons/search';
import X from 'lucide-react/icons/x';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './filter-bar.module.css';

/** One filter of a list. `name` is that of the parameter in the address. */
export type Filter =
  | { kind: 'search' | 'text'; name: string; label: string; placeholder?: string; width?: number }
  | {
      kind: 'choice';
      name: string;
      label: string;
      options: { value: string; label: string }[];
      width?: number;
    }
  | { kind: 'time'; name: string; label: string; width?: number };

interface Props {
  filters: readonly Filter[];
  values: Partial<Record<string, string>>;
  onChange: (changes: Record<string, string | undefined>) => void;
  /** At the right: what concerns the list as a whole. */
  children?: ReactNode;
}

/** The filters above a list. */
export function FilterBar({ filters, values, onChange, children }: Props) {
  const { t } = useTranslation('components');
  const isSet = filters.some(({ name }) => values[name] !== undefined);
  return (
    <Group gap="xs" align="flex-end" className={`no-print ${classes.bar}`} role="search">
      {filters.map((filter) => (
        <One
          key={filter.name}
          filter={filter}
          value={values[filter.name] ?? ''}
          onChange={(value) => onChange({ [filter.name]: value })}
        />
      ))}
      {isSet && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<X size={14} aria-hidden />}
          onClick={() => onChange(Object.fromEntries(filters.map(({ name }) => [name, undefined])))}
        >
          {t('filter.clear')}
        </Button>
      )}
      {children && <Group ml="auto">{children}</Group>}
    </Group>
  );
}

function One({
  filter,
  value,
  onChange,
}: {
  filter: Filter;
  value: string;
  onChange: (value: string | undefined) => void;
}) {
  const { t } = useTranslation('components');
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const send = useDebouncedCallback(onChange, 250);
  const common = {
    label: filter.label,
    w: filter.width ?? (filter.kind === 'search' ? 260 : 180),
    'data-filter': filter.kind,
    classNames: { root: classes.filter },
  };
  if (filter.kind === 'choice') {
    return (
      <Select
        {...common}
        data={filter.options}
        value={value === '' ? null : value}
        placeholder={t('filter.all')}
        clearable
        onChange={(chosen) => onChange(chosen ?? undefined)}
      />
    );
  }
  if (filter.kind === 'time') {
    return (
      <TextInput
        {...common}
        type="datetime-local"
        value={toLocal(value)}
        onChange={({ currentTarget }) =>
          onChange(currentTarget.value === '' ? undefined : new Date(currentTarget.value).toISOString())
        }
      />
    );
  }
  return (
    <TextInput
      {...common}
      type={filter.kind === 'search' ? 'search' : 'text'}
      placeholder={filter.placeholder}
      leftSection={filter.kind === 'search' ? <Search size={15} aria-hidden /> : undefined}
      value={text}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        send(currentTarget.value === '' ? undefined : currentTarget.value);
      }}
    />
  );
}

/** RFC 3339 as the browser's field has it: local time, without a zone. */
function toLocal(value: string): string {
  const at = new Date(/^\d+$/.test(value) ? Number(value) : value);
  if (value === '' || Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
