import { useTranslation } from 'react-i18next';
import { type WindowName, WINDOWS } from './use-overview.ts';
import classes from './overview.module.css';

/** How far back. */
export function WindowChoice({
  value,
  onChange,
}: {
  value: WindowName;
  onChange: (window: WindowName) => void;
}) {
  const { t } = useTranslation('overview');
  return (
    <div role="group" aria-label={t('window.label')} className={classes.choice}>
      {WINDOWS.map((window) => (
        <button
          key={window}
          type="button"
          className={classes.choiceOne}
          aria-pressed={window === value}
          title={t(`window.${window}`)}
          onClick={() => onChange(window)}
        >
          {t(`window.short.${window}`)}
        </button>
      ))}
    </div>
  );
}
