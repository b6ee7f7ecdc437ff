import { useTranslation } from 'react-i18next';
import { CopyButton } from './copy-button.tsx';
import classes from './code-block.module.css';

interface Props {
  value: string;
  /** What the copy button says; absent: "Copy". */
  label?: string;
  /** Long lines are broken instead of scrolled. */
  wrap?: boolean;
}

/** Text for machines, with a button that copies it. */
export function CodeBlock({ value, label, wrap = false }: Props) {
  const { t } = useTranslation('components');
  return (
    <div className={classes.block}>
      {/* a region that scrolls can be reached with the keyboard */}
      <pre className={classes.text} data-wrap={wrap || undefined} tabIndex={0}>
        {value}
      </pre>
      <span className={classes.copy}>
        <CopyButton value={value} label={label ?? t('copy')} />
      </span>
    </div>
  );
}
