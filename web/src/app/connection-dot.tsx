import { useTranslation } from 'react-i18next';
import { useConnection } from './connection.ts';
import { useConnectionObject } from './connection-context.ts';
import classes from './connection-dot.module.css';

/** Green while the relay answers. */
export function ConnectionDot() {
  const { t } = useTranslation('app');
  const { state } = useConnection(useConnectionObject());
  const text = t(state === 'lost' ? 'connection.lost' : 'connection.connected');
  return <span className={classes.dot} data-state={state} role="img" aria-label={text} title={text} />;
}
