import { useTranslation } from 'react-i18next';
import classes from './settings.module.css';
import type { Change } from './types.ts';
import { written } from './written.ts';

/** Settings with what they are and what they become. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  const { t } = useTranslation('settings');
  return (
    <ul className={classes.changes}>
      {changes.map(({ field, before, after }) => (
        <li key={field}>
          <code className={classes.field}>{field}</code>
          <span>
            <span className="visually-hidden">{t('change.from')} </span>
            <del>{written(before) || t('change.nothing')}</del> <span aria-hidden="true">→</span>{' '}
            <span className="visually-hidden">{t('change.to')} </span>
            <ins>{written(after) || t('change.nothing')}</ins>
          </span>
        </li>
      ))}
    </ul>
  );
}
