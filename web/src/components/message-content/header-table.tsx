import { Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageContent } from '../../api/schema.ts';
import classes from './message-content.module.css';
import { shortLines } from './short-lines.ts';

/** All fields in their order, as they are meant or as they are written. */
export function HeaderTable({ headers }: { headers: MessageContent['headers'] }) {
  const { t } = useTranslation('message-content');
  const [isRaw, setRaw] = useState(false);
  return (
    <>
      <Switch
        size="xs"
        mb="xs"
        label={t('headers.raw')}
        checked={isRaw}
        onChange={({ currentTarget }) => setRaw(currentTarget.checked)}
      />
      <dl className={classes.headers}>
        {headers.map(({ name, value, raw }, index) => (
          // a field may stand there twice
          <div key={`${index} ${name}`} className={classes.header}>
            <dt hidden={isRaw}>{name}</dt>
            {isRaw ? <dd data-raw>{shortLines(raw)}</dd> : <dd dir="auto">{shortLines(value)}</dd>}
          </div>
        ))}
      </dl>
    </>
  );
}
