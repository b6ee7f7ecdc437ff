import { Paper, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Tone } from './state-badge.tsx';
import classes from './stat-tile.module.css';

interface Props {
  label: string;
  value: ReactNode;
  /** Below the value, in small print. */
  note?: ReactNode;
  tone?: Tone;
  /** A small chart. */
  children?: ReactNode;
  to?: string;
  search?: Record<string, string>;
}

/** One number, what it counts, and where there is more of it. */
export function StatTile({ label, value, note, tone = 'quiet', children, to, search }: Props) {
  const content = (
    <>
      <Text size="xs" c="dimmed" fw={550}>
        {label}
      </Text>
      <div className={classes.value} data-tone={tone}>
        {value}
      </div>
      {note && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
      {children}
    </>
  );
  if (to === undefined) return <Paper className={classes.tile}>{content}</Paper>;
  return (
    <Paper component={Link} to={to} search={search as never} className={classes.tile} data-link>
      {content}
    </Paper>
  );
}
