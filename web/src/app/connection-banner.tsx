import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Connection, useConnection } from './connection.ts';
import classes from './connection-banner.module.css';

/** A thin line above everything while the relay does not answer, when it does again, and when it was updated. */
export function ConnectionBanner({ connection }: { connection: Connection }) {
  const { t } = useTranslation('app');
  const { state, isOutdated } = useConnection(connection);
  const shown = state === 'connected' ? (isOutdated ? 'outdated' : undefined) : state;
  return (
    <div role="status" aria-live="polite" className={classes.place}>
      {shown && (
        <Group className={classes.banner} data-state={shown} gap="sm" justify="center" wrap="nowrap">
          <Text size="sm" inherit={false}>
            {t(`connection.${shown}`)}
          </Text>
          {shown === 'outdated' && (
            <Button size="compact-xs" variant="white" onClick={() => location.reload()}>
              {t('connection.reload')}
            </Button>
          )}
        </Group>
      )}
    </div>
  );
}
