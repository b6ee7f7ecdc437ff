import { type Ref, useEffect, useImperativeHandle, useMemo, useRef } from 'react';
import classes from './settings.module.css';

const LINE_HEIGHT = 20;

export interface TextEditorHandle {
  /** Puts the cursor into a line, and the line into view. @param line from 1 */
  goTo(line: number): void;
}

/** Text with numbers of its lines; wrong ones are marked. */
export function TextEditor({
  ref,
  label,
  value,
  onChange,
  wrong,
  readOnly,
  describedBy,
}: {
  ref: Ref<TextEditorHandle>;
  label: string;
  value: string;
  onChange: (text: string) => void;
  wrong: ReadonlySet<number>;
  readOnly: boolean;
  describedBy: string;
}) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const count = useMemo(() => value.split('\n').length, [value]);
  useImperativeHandle(
    ref,
    () => ({
      goTo: (line) => {
        const field = area.current;
        if (!field) return;
        const lines = field.value.split('\n');
        const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
        field.focus();
        field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
        field.scrollTop = Math.max(0, (line - 1) * LINE_HEIGHT - field.clientHeight / 2);
      },
    }),
    [],
  );
  const follow = () => {
    if (gutter.current && area.current) gutter.current.scrollTop = area.current.scrollTop;
  };
  useEffect(follow);
  return (
    <div className={classes.editor}>
      <div ref={gutter} className={classes.gutter} aria-hidden="true">
        {Array.from({ length: count }, (_, index) => (
          <div key={index} className={classes.number} data-wrong={wrong.has(index + 1) || undefined}>
            {index + 1}
          </div>
        ))}
      </div>
      <textarea
        ref={area}
        className={classes.area}
        aria-label={label}
        aria-invalid={wrong.size > 0}
        aria-describedby={describedBy}
        value={value}
        readOnly={readOnly}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        wrap="off"
        onScroll={follow}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </div>
  );
}
