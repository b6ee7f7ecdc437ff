import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../copy-button.tsx';
import classes from './message-content.module.css';
import type { FoundLink } from './place.ts';

/** What the links say, and where they lead. None can be followed from here. */
export function Links({ links, more }: { links: readonly FoundLink[]; more: boolean }) {
  const { t } = useTranslation('message-content');
  return (
    <>
      <ul className={classes.links}>
        {links.map(({ text, target, flags }, index) => (
          // the same link may stand there twice
          <li key={`${index} ${target}`}>
            <Text size="sm" dir="auto">
              {text === '' ? t('links.noText') : text}
            </Text>
            <span className={classes.target}>{target}</span>{' '}
            <CopyButton value={target} label={t('links.copy')} />
            {flags.map((flag) => (
              <Text key={flag} size="xs" c="var(--mantine-color-error)">
                {t(`link.${flag}`)}
              </Text>
            ))}
          </li>
        ))}
      </ul>
      {more && (
        <Text size="sm" c="dimmed">
          {t('links.more')}
        </Text>
      )}
    </>
  );
}
