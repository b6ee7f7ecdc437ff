import { Paper, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './overview.module.css';

interface Props {
  title: string;
  /** Beside the title, in small print. */
  note?: ReactNode;
  /** At the right. */
  end?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A part of the overview with its heading. */
export function Panel({ title, note, end, children, className }: Props) {
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} className={`${classes.panel} ${className ?? ''}`}>
      <div className={classes.panelHead}>
        <Title order={2} id={id} className={classes.panelTitle}>
          {title}
        </Title>
        {note !== undefined && <span className={classes.panelNote}>{note}</span>}
        {end !== undefined && <span className={classes.panelEnd}>{end}</span>}
      </div>
      {children}
    </Paper>
  );
}
