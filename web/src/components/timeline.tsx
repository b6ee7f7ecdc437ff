import type { ReactNode } from 'react';
import type { Tone } from './state-badge.tsx';
import { TimeText } from './time-text.tsx';
import classes from './timeline.module.css';

export interface TimelineEntry {
  key: string | number;
  at: number;
  title: ReactNode;
  children?: ReactNode;
  tone?: Tone;
}

/** What has happened, one thing after the other. */
export function Timeline({ entries, label }: { entries: readonly TimelineEntry[]; label: string }) {
  return (
    <ol className={classes.list} aria-label={label}>
      {entries.map(({ key, at, title, children, tone = 'quiet' }) => (
        <li key={key} className={classes.entry} data-tone={tone}>
          <div className={classes.head}>
            <span className={classes.title}>{title}</span>
            <span className={classes.time}>
              <TimeText at={at} exact />
            </span>
          </div>
          {children && <div className={classes.body}>{children}</div>}
        </li>
      ))}
    </ol>
  );
}
