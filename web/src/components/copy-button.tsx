import { ActionIcon, Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import Check from 'lucide-react/icons/check';
import Copy from 'lucide-react/icons/copy';
import { useTranslation } from 'react-i18next';

interface Props {
  value: string;
  /** What is copied, for who does not see the place: "Copy the DKIM record". */
  label: string;
  /** With its label beside the icon. */
  withText?: boolean;
}

/** Copies a text, and says so. */
export function CopyButton({ value, label, withText = false }: Props) {
  const { t } = useTranslation('components');
  const { copied, copy } = useClipboard({ timeout: 2000 });
  const icon = copied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />;
  const text = copied ? t('copied') : label;
  return (
    <>
      {withText ? (
        <Button size="xs" variant="default" leftSection={icon} onClick={() => copy(value)}>
          {text}
        </Button>
      ) : (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={label}
          title={text}
          onClick={() => copy(value)}
        >
          {icon}
        </ActionIcon>
      )}
      <span role="status" className="visually-hidden">
        {copied ? t('copied') : ''}
      </span>
    </>
  );
}
