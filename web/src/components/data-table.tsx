import { Checkbox, Skeleton } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import ArrowDown from 'lucide-react/icons/arrow-down';
import ArrowUp from 'lucide-react/icons/arrow-up';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from './problem-alert.tsx';
import classes from './data-table.module.css';

export interface Column<T> {
  id: string;
  title: string;
  /** A track of CSS grid: `120px`, `minmax(160px, 2fr)`. */
  width: string;
  /** The same where the table is narrower than 700 px; absent: as otherwise. */
  narrow?: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the right. */
  align?: 'right';
  /** Left out where the table is narrower than 700 px. */
  wideOnly?: boolean;
  /** What the API sorts by; a click on the head asks for it. */
  sort?: string;
}

interface Props<T> {
  /** What it lists, for who does not see the page. */
  label: string;
  columns: readonly Column<T>[];
  /** What was read so far; undefined: nothing yet. */
  rows: readonly T[] | undefined;
  rowKey: (row: T) => string | number;
  /** Where a row leads: by click, and by Enter. */
  rowLink?: (row: T) => { to: string; params?: Record<string, string>; search?: Record<string, string> };
  onRow?: (row: T) => void;
  error?: unknown;
  onRetry?: () => void;
  /** Shown when there is no row. */
  empty: ReactNode;
  hasMore?: boolean;
  isLoadingMore?: boolean;
  onMore?: () => void;
  /** Told which rows are drawn, the first and the last. */
  onView?: (first: number, last: number) => void;
  /** How many there are in all, when it is known. */
  total?: number;
  /** `name` or `-name`. */
  sort?: string;
  onSort?: (sort: string) => void;
  selected?: ReadonlySet<string | number>;
  onSelected?: (keys: Set<string | number>) => void;
  /** CSS; absent: what is left of the window. */
  maxHeight?: string;
}

const ROW = 40;

/** A list of any length: only the rows in view are drawn, and the next page is fetched before the end comes into view. */
export function DataTable<T>(props: Props<T>) {
  const {
    label,
    columns,
    rows,
    rowKey,
    rowLink,
    onRow,
    error,
    onRetry,
    empty,
    hasMore = false,
    isLoadingMore = false,
  } = props;
  const {
    onMore,
    onView,
    total,
    sort,
    onSort,
    selected,
    onSelected,
    maxHeight = 'max(280px, calc(100dvh - 270px))',
  } = props;
  const { t } = useTranslation('components');
  const navigate = useNavigate();
  const place = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const isNarrow = useIsNarrow(place);
  const shown = isNarrow ? columns.filter(({ wideOnly }) => !wideOnly) : columns;
  const count = rows?.length ?? 0;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => place.current,
    estimateSize: () => ROW,
    overscan: 20,
    scrollPaddingStart: 36,
  });
  useEffect(() => {
    // sorted differently, what stood in view is somewhere else
    place.current?.scrollTo({ top: 0 });
    setCurrent(0);
  }, [sort]);
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows) onView?.(first, last);
  }, [rows, first, last, onView]);
  useEffect(() => {
    // long before the last row, so that nobody scrolls into a gap
    if (hasMore && !isLoadingMore && rows && last >= count - 60) onMore?.();
  }, [hasMore, isLoadingMore, rows, last, count, onMore]);

  const template = `${onSelected ? '36px ' : ''}${shown.map(({ width, narrow }) => (isNarrow ? (narrow ?? width) : width)).join(' ')}`;
  const open = (row: T) => {
    if (onRow) onRow(row);
    else if (rowLink) void navigate(rowLink(row) as never);
  };
  const focusRow = (index: number) => {
    const target = Math.max(0, Math.min(count - 1, index));
    setCurrent(target);
    virtual.scrollToIndex(target);
    requestAnimationFrame(() =>
      place.current?.querySelector<HTMLElement>(`[data-index="${target}"]`)?.focus(),
    );
  };
  const onKeyDown = (event: KeyboardEvent, index: number, row: T) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((place.current?.clientHeight ?? 400) / ROW) - 2);
    const target = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (target !== undefined) {
      event.preventDefault();
      focusRow(target);
    } else if (event.key === 'Enter') open(row);
    else if (event.key === ' ' && onSelected) {
      event.preventDefault();
      toggle(rowKey(row));
    }
  };
  const toggle = (key: string | number) => {
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelected?.(next);
  };

  if (error != null && !rows) return <ProblemAlert error={error} onRetry={onRetry} />;
  if (rows && count === 0) return <div className={classes.frame}>{empty}</div>;
  const isAll =
    count > 0 && selected !== undefined && rows?.every((row) => selected.has(rowKey(row))) === true;
  return (
    <div
      ref={place}
      className={classes.frame}
      style={{ maxHeight }}
      role="grid"
      aria-label={label}
      aria-rowcount={(total ?? (hasMore ? -1 : count)) + (total !== undefined || !hasMore ? 1 : 0)}
      aria-busy={rows === undefined}
      aria-multiselectable={onSelected ? true : undefined}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" aria-rowindex={1} className={classes.row} style={{ gridTemplateColumns: template }}>
          {onSelected && (
            <span role="columnheader" className={classes.cell}>
              <Checkbox
                size="xs"
                aria-label={t('table.selectAll')}
                checked={isAll}
                indeterminate={!isAll && (selected?.size ?? 0) > 0}
                onChange={() => onSelected(isAll ? new Set() : new Set(rows?.map(rowKey)))}
              />
            </span>
          )}
          {shown.map((column) => (
            <span
              key={column.id}
              role="columnheader"
              className={classes.cell}
              data-align={column.align}
              aria-sort={
                column.sort === undefined || onSort === undefined ? undefined : sortOf(column.sort, sort)
              }
            >
              {column.sort === undefined || onSort === undefined ? (
                column.title
              ) : (
                <button
                  type="button"
                  className={classes.sort}
                  onClick={() => onSort(sort === column.sort ? `-${column.sort}` : (column.sort ?? ''))}
                >
                  {column.title}
                  {sort === column.sort && <ArrowUp size={12} aria-hidden />}
                  {sort === `-${column.sort}` && <ArrowDown size={12} aria-hidden />}
                </button>
              )}
            </span>
          ))}
        </div>
      </div>
      {rows === undefined ? (
        <div className={classes.waiting}>
          {Array.from({ length: 8 }, (_, index) => (
            <Skeleton key={index} height={14} radius="sm" />
          ))}
        </div>
      ) : (
        <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const key = rowKey(row);
            return (
              // biome-ignore lint: a row of a grid takes the focus, its cells do not
              <div
                key={key}
                role="row"
                data-index={index}
                data-link={rowLink || onRow ? true : undefined}
                aria-rowindex={index + 2}
                aria-selected={onSelected ? (selected?.has(key) ?? false) : undefined}
                tabIndex={index === Math.min(current, count - 1) ? 0 : -1}
                className={classes.row}
                style={{ gridTemplateColumns: template, transform: `translateY(${start}px)` }}
                onFocus={() => setCurrent(index)}
                onKeyDown={(event) => onKeyDown(event, index, row)}
                onClick={(event) => {
                  // links and buttons in a row do what they say; marking text opens nothing
                  if ((event.target as Element).closest('a, button, input, label')) return;
                  if (String(getSelection() ?? '') === '') open(row);
                }}
              >
                {onSelected && (
                  <span role="gridcell" className={classes.cell}>
                    <Checkbox
                      size="xs"
                      aria-label={t('table.select')}
                      checked={selected?.has(key) ?? false}
                      onChange={() => toggle(key)}
                      tabIndex={-1}
                    />
                  </span>
                )}
                {shown.map((column) => (
                  <span key={column.id} role="gridcell" className={classes.cell} data-align={column.align}>
                    {column.cell(row)}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      )}
      {isLoadingMore && (
        <div className={classes.more} role="status">
          {t('table.more')}
        </div>
      )}
      {error != null && rows && <ProblemAlert error={error} onRetry={onRetry} />}
    </div>
  );
}

function sortOf(column: string, sort: string | undefined): 'ascending' | 'descending' | 'none' {
  if (sort === column) return 'ascending';
  return sort === `-${column}` ? 'descending' : 'none';
}

function useIsNarrow(place: React.RefObject<HTMLElement | null>): boolean {
  const [isNarrow, setNarrow] = useState(() => innerWidth < 700);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => setNarrow((entry?.contentRect.width ?? 1000) < 700));
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return isNarrow;
}
