import { Button, Group, Text } from '@mantine/core';
import { getI18n } from 'react-i18next';

interface Notice {
  text: string;
  tone?: 'good' | 'bad';
  /** A way back, offered for ten seconds. */
  undo?: { label: string; run: () => void | Promise<unknown> };
}

/** Says in a corner of the page what has happened. */
export async function notify({ text, tone = 'good', undo }: Notice): Promise<void> {
  const { notifications } = await import('@mantine/notifications');
  const id = notifications.show({
    color: tone === 'good' ? 'green' : 'red',
    autoClose: undo ? 10_000 : tone === 'bad' ? 12_000 : 5000,
    withBorder: true,
    closeButtonProps: { 'aria-label': getI18n().t('close', { ns: 'components' }) },
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm">{text}</Text>
        {undo && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              notifications.hide(id);
              void undo.run();
            }}
          >
            {undo.label}
          </Button>
        )}
      </Group>
    ),
  });
}
