import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import Search from 'lucide-react/icons/search';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../app/format.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { descriptionOf } from './setting-description.ts';
import classes from './settings.module.css';
import type { Configuration, Setting } from './types.ts';
import { written } from './written.ts';

/** Every setting that counts, with who has set it. */
export function SettingsList({ configuration: { settings, schema } }: { configuration: Configuration }) {
  const { t } = useTranslation('settings');
  const format = useFormat();
  const [filters, setFilters] = useFilters(['search', 'from']);
  const described = useMemo(
    () => settings.map((setting) => ({ ...setting, description: descriptionOf(schema, setting.field) })),
    [settings, schema],
  );
  const wanted = filters.search?.toLowerCase() ?? '';
  const found = described.filter(
    ({ field, description, value, from }) =>
      (filters.from === undefined ||
        (filters.from === 'changed' ? from !== 'default' : from === filters.from)) &&
      `${field} ${description} ${written(value)}`.toLowerCase().includes(wanted),
  );
  const groups = Map.groupBy(found, ({ field }) => (field.includes('.') ? field.split('.')[0]! : ''));
  return (
    <Stack gap="md">
      <FilterBar
        values={filters}
        onChange={setFilters}
        filters={[
          { kind: 'search', name: 'search', label: t('search'), placeholder: t('searchHelp'), width: 320 },
          {
            kind: 'choice',
            name: 'from',
            label: t('from.label'),
            options: ['changed', 'default', 'file', 'environment', 'command line'].map((value) => ({
              value,
              label: t(`from.${value}`),
            })),
          },
        ]}
      >
        <Text size="sm" c="dimmed" role="status">
          {t('count', { count: found.length, number: format.number(found.length) })}
        </Text>
      </FilterBar>
      {found.length === 0 && <EmptyState icon={Search} title={t('nothing')} />}
      {[...groups].map(([group, members]) => (
        <section key={group} aria-labelledby={`group-${group}`}>
          <Title order={2} id={`group-${group}`} mb={6}>
            {group === '' ? t('top') : <code>{group}</code>}
          </Title>
          {group !== '' && (
            <Text size="sm" c="dimmed" mb={6}>
              {descriptionOf(schema, group)}
            </Text>
          )}
          <dl className={classes.settings}>
            {members.map((setting) => (
              <Row key={setting.field} setting={setting} description={setting.description} />
            ))}
          </dl>
        </section>
      ))}
    </Stack>
  );
}

function Row({
  setting: { field, value, from, line, variable },
  description,
}: {
  setting: Setting;
  description: string;
}) {
  const { t } = useTranslation('settings');
  return (
    <div className={classes.setting}>
      <dt>
        <code className={classes.field}>{field}</code>
        {description !== '' && (
          <Text size="xs" c="dimmed" mt={2}>
            {description}
          </Text>
        )}
      </dt>
      <dd className={classes.settingValue}>
        <code>
          {written(value) || (
            <Text span c="dimmed" size="xs">
              {t('change.nothing')}
            </Text>
          )}
        </code>
      </dd>
      <dd>
        {from === 'default' ? (
          <Text size="xs" c="dimmed">
            {t('from.default')}
          </Text>
        ) : (
          <>
            <StateBadge tone="info">{t(`from.${from}`)}</StateBadge>
            <Text size="xs" c="dimmed" mt={2} style={{ overflowWrap: 'anywhere' }}>
              {variable ??
                (line !== undefined && (
                  <Anchor
                    component={Link}
                    to="/settings"
                    search={{ tab: 'file', line: String(line) } as never}
                    size="xs"
                  >
                    {t('line', { line })}
                  </Anchor>
                ))}
            </Text>
          </>
        )}
      </dd>
    </div>
  );
}
