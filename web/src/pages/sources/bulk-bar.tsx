import { Anchor, Button, Text } from '@mantine/core';
import Download from 'lucide-react/icons/download';
import OctagonX from 'lucide-react/icons/octagon-x';
import Play from 'lucide-react/icons/play';
import Tags from 'lucide-react/icons/tags';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import type { Source } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { notify } from '../../components/notify.tsx';
import { Piece } from '../../components/piece.tsx';
import { saveFile } from '../../components/save-file.ts';
import type { State } from './filters.ts';
import classes from './bulk-bar.module.css';

const BulkState = lazy(() => import('./bulk-state.tsx'));
const BulkTags = lazy(() => import('./bulk-tags.tsx'));

/** Which sources an action is about: these, or all that match. */
export type Target = { names: string[] } | { filter: Record<string, string> };

interface Props {
  /** What was loaded. */
  rows: readonly Source[];
  selected: ReadonlySet<string | number>;
  /** As the API takes them; absent: no filter is set. */
  conditions: Record<string, string | undefined> | undefined;
  hasMore: boolean;
  onClear: () => void;
}

/** What can be done to the sources that are marked. */
export function BulkBar({ rows, selected, conditions, hasMore, onClear }: Props) {
  const { t } = useTranslation('sources');
  const format = useFormat();
  const api = useApi();
  const [isAll, setAll] = useState(false);
  const [wanted, setWanted] = useState<State | 'other'>();
  const [isTagging, setTagging] = useState(false);
  const names = [...selected].map(String);
  const chosen = rows.filter(({ name }) => selected.has(name));
  const target: Target = isAll && conditions ? { filter: setOf(conditions) } : { names };
  const close = () => setWanted(undefined);
  const done = () => {
    close();
    setTagging(false);
    onClear();
  };
  const exported = async () => {
    try {
      const response = await api.request('post', '/api/v1/sources/export', {
        body: { names, format: 'csv' },
      });
      saveFile(await response.blob(), 'sources.csv');
    } catch (error) {
      await notify({ tone: 'bad', text: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <div className={classes.bar} role="group" aria-label={t('bulk.label')}>
      <Text size="sm" fw={600} role="status">
        {isAll
          ? t('bulk.all')
          : t('bulk.count', { count: names.length, number: format.number(names.length) })}
      </Text>
      {!isAll && hasMore && conditions && chosen.length === rows.length && (
        <Anchor component="button" type="button" size="sm" onClick={() => setAll(true)}>
          {t('bulk.takeAll')}
        </Anchor>
      )}
      <Button
        size="compact-sm"
        color="red.8"
        leftSection={<OctagonX size={14} aria-hidden />}
        onClick={() => setWanted('suspended')}
      >
        {t('bulk.stop')}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<Play size={14} aria-hidden />}
        onClick={() => setWanted('active')}
      >
        {t('bulk.start')}
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setWanted('other')}>
        {t('bulk.state')}
      </Button>
      {!isAll && (
        <>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Tags size={14} aria-hidden />}
            onClick={() => setTagging(true)}
          >
            {t('bulk.tags')}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Download size={14} aria-hidden />}
            onClick={() => void exported()}
          >
            {t('export.open')}
          </Button>
        </>
      )}
      <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
        {t('bulk.clear')}
      </Button>
      <Piece>
        {wanted !== undefined && (
          <BulkState
            target={target}
            before={isAll ? [] : chosen}
            state={wanted === 'other' ? undefined : wanted}
            onClose={close}
            onDone={done}
          />
        )}
        {isTagging && <BulkTags sources={chosen} onClose={() => setTagging(false)} onDone={done} />}
      </Piece>
    </div>
  );
}

function setOf(conditions: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(conditions).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
}
