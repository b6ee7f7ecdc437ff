import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Transcript as Said } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import classes from './transcript.module.css';

/** Lines that are always kept from the beginning; those that are left out follow them. */
const BEGINNING = 24;
const MARKS = { client: 'C:', server: 'S:', relay: '*' } as const;

/** What client and relay said to each other, word for word. */
export function Transcript({ transcript }: { transcript: Said }) {
  const { t } = useTranslation('transcript');
  const format = useFormat();
  const { lines, omitted, messages } = transcript;
  const seconds = new Intl.NumberFormat(document.documentElement.lang, {
    minimumFractionDigits: 3,
    maximumFractionDigits: 3,
  });
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {t('legend')}
        {messages > 0 && ` ${t('messages', { count: messages, number: format.number(messages) })}`}
      </Text>
      <ol className={classes.lines} aria-label={t('label')} tabIndex={0}>
        {lines.map(({ at, by, text }, index) => (
          <li key={index}>
            {omitted > 0 && index === Math.min(BEGINNING, lines.length - 1) && (
              <div className={classes.omitted}>
                {t('omitted', { count: omitted, number: format.number(omitted) })}
              </div>
            )}
            <div
              className={classes.line}
              data-by={by}
              data-tone={by === 'server' && /^[45]\d\d/.test(text) ? 'bad' : undefined}
            >
              <span className={classes.at}>{seconds.format(at / 1000)} s</span>
              <span className={classes.by} aria-label={t(`by.${by}`)} role="img">
                {MARKS[by]}
              </span>
              <bdi className={classes.text}>{text}</bdi>
            </div>
          </li>
        ))}
      </ol>
    </Stack>
  );
}
