import { Skeleton, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { InboxEntry } from '../../api/schema.ts';
import { TimeText } from '../../components/time-text.tsx';
import classes from './inbox.module.css';

const ROW = 72;

interface Props {
  rows: readonly InboxEntry[] | undefined;
  /** Identifier of the one that is open. */
  opened: string | undefined;
  hasMore: boolean;
  isLoadingMore: boolean;
  onMore: () => void;
}

/** Newest first. Arrow keys go from one to the next. */
export function MessageList({ rows, opened, hasMore, isLoadingMore, onMore }: Props) {
  const { t } = useTranslation('inbox');
  const place = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows?.length ?? 0,
    getScrollElement: () => place.current,
    estimateSize: () => ROW,
    overscan: 12,
    getItemKey: (index) => rows?.[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoadingMore && rows && last >= rows.length - 30) onMore();
  }, [hasMore, isLoadingMore, rows, last, onMore]);
  const openedAt = rows?.findIndex(({ id }) => String(id) === opened) ?? -1;
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    const target = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: (rows?.length ?? 0) - 1 }[
      event.key
    ];
    if (target === undefined || !rows?.[target]) return;
    event.preventDefault();
    virtual.scrollToIndex(target);
    requestAnimationFrame(() =>
      place.current?.querySelector<HTMLElement>(`[data-index="${target}"]`)?.focus(),
    );
  };
  if (!rows) {
    return (
      <div className={classes.list} aria-busy>
        {Array.from({ length: 8 }, (_, index) => (
          <Skeleton key={index} height={44} m="sm" width="auto" />
        ))}
      </div>
    );
  }
  return (
    <nav ref={place} className={classes.list} aria-label={t('list')}>
      <ul className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start, key }) => {
          const entry = rows[index];
          if (!entry) return null;
          const id = String(entry.id);
          return (
            <li key={key} className={classes.item} style={{ transform: `translateY(${start}px)` }}>
              <Link
                to="/inbox"
                search={(before: Record<string, unknown>) => ({ ...before, message: id })}
                className={classes.row}
                data-index={index}
                aria-current={id === opened ? 'true' : undefined}
                // one stop of the Tab key for the whole list
                tabIndex={index === Math.max(openedAt, 0) ? 0 : -1}
                onKeyDown={(event) => onKeyDown(event, index)}
              >
                <span className={classes.from}>{entry.headerFrom || entry.from || t('nobody')}</span>
                <span className={classes.time}>
                  <TimeText at={entry.receivedAt} />
                </span>
                <span className={classes.subject}>{entry.subject || t('noSubject')}</span>
                <span className={classes.source}>
                  {entry.sourceName} → {entry.recipients[0]}
                  {entry.recipients.length > 1 && ` +${entry.recipients.length - 1}`}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
      {isLoadingMore && (
        <Text size="sm" c="dimmed" ta="center" p="xs" role="status">
          {t('loadingMore')}
        </Text>
      )}
    </nav>
  );
}
