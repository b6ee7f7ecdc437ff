import { ActionIcon, Code, Text, Title } from '@mantine/core';
import Download from 'lucide-react/icons/download';
import Paperclip from 'lucide-react/icons/paperclip';
import TriangleAlert from 'lucide-react/icons/triangle-alert';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Bytes } from '../bytes.tsx';
import { ConfirmAction } from '../confirm-action.tsx';
import classes from './message-content.module.css';
import { addressIn, type Attachment, type MessagePlace } from './place.ts';

/** Their true names and kinds. What could do harm is saved only after a word of warning; nothing is opened. */
export function Attachments({
  place,
  attachments,
}: {
  place: MessagePlace;
  attachments: readonly Attachment[];
}) {
  const { t } = useTranslation('message-content');
  const [asked, setAsked] = useState<Attachment>();
  const files = attachments.filter(({ inline, flags }) => !inline || flags.length > 0);
  if (files.length === 0) return null;
  return (
    <section aria-label={t('attachments.title', { count: files.length })}>
      <Title order={3} mb={6}>
        {t('attachments.title', { count: files.length })}
      </Title>
      <ul className={classes.attachments}>
        {files.map((file) => (
          <li key={file.part} className={classes.attachment} data-danger={file.flags.length > 0 || undefined}>
            {file.flags.length > 0 ? (
              <TriangleAlert size={18} aria-hidden color="var(--mantine-color-error)" />
            ) : (
              <Paperclip size={18} aria-hidden />
            )}
            <div className={classes.about}>
              <div className={classes.name}>{file.name}</div>
              <Text size="xs" c="dimmed">
                {!file.exact && '≈ '}
                <Bytes octets={file.size} /> · {file.foundType ?? file.declaredType}
              </Text>
              {file.flags.length > 0 && (
                <Text size="xs" c="var(--mantine-color-error)">
                  {file.flags.map((flag) => t(`flag.${flag}`, { declared: file.declaredType })).join(' ')}
                </Text>
              )}
            </div>
            <ActionIcon
              variant="default"
              size="lg"
              aria-label={t('attachments.save', { name: file.name })}
              title={t('attachments.save', { name: file.name })}
              onClick={() => (file.flags.length > 0 ? setAsked(file) : save(place, file))}
            >
              <Download size={16} aria-hidden />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <ConfirmAction
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={t('attachments.ask', { name: asked?.name })}
        verb={t('attachments.anyway')}
        danger
        run={async () => asked && save(place, asked)}
      >
        <Text size="sm">{t('attachments.warning')}</Text>
        {asked?.sha256 && (
          <Text size="xs" mt="xs" style={{ overflowWrap: 'anywhere' }}>
            SHA-256 <Code>{asked.sha256}</Code>
          </Text>
        )}
      </ConfirmAction>
    </section>
  );
}

/** The relay says that it is to be saved, and under which name. */
export function save(place: MessagePlace, { part }: { part: string }): void {
  const link = document.createElement('a');
  link.href = addressIn(place, `/content/parts/${part}`);
  link.download = '';
  link.click();
}
