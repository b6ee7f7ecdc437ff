import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './dialog.tsx';
import { notify } from './notify.tsx';
import { ProblemAlert } from './problem-alert.tsx';

interface Props {
  opened: boolean;
  onClose: () => void;
  /** "Stop the source erp-production?" */
  title: string;
  /** What follows from it, in whole sentences. */
  children: ReactNode;
  /** On the button: the verb. "Stop" */
  verb: string;
  /** Red, for what takes something away. */
  danger?: boolean;
  /** What has to be typed first, for what can not be undone. */
  typed?: string;
  run: () => Promise<unknown>;
  /** Said when it is done. */
  done?: string;
  /** The way back, offered for ten seconds after. */
  undo?: () => Promise<unknown>;
  /** Wider, for what has to be looked at: `lg`. */
  size?: 'lg' | 'xl';
}

/** Says what will follow, and does it when it is confirmed; on failure the dialogue stays and says why. */
export function ConfirmAction({
  opened,
  onClose,
  title,
  children,
  verb,
  danger = false,
  typed,
  run,
  done,
  undo,
  size,
}: Props) {
  const { t } = useTranslation('components');
  const [text, setText] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const close = () => {
    setText('');
    setError(undefined);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await run();
      close();
      if (done !== undefined) {
        await notify({ text: done, undo: undo && { label: t('confirm.undo'), run: () => undone(undo) } });
      }
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const undone = async (back: () => Promise<unknown>) => {
    try {
      await back();
      await notify({ text: t('confirm.undone') });
    } catch (problem) {
      await notify({ tone: 'bad', text: problem instanceof Error ? problem.message : String(problem) });
    }
  };
  return (
    <Dialog opened={opened} onClose={close} title={title} size={size}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <Stack gap="md">
          <div>{children}</div>
          {typed !== undefined && (
            <TextInput
              label={t('confirm.type', { text: typed })}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
          )}
          {error !== undefined && <ProblemAlert error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t('confirm.cancel')}
            </Button>
            <Button
              type="submit"
              color={danger ? 'red.8' : undefined}
              loading={isBusy}
              disabled={typed !== undefined && text.trim() !== typed}
              data-autofocus={typed === undefined || undefined}
            >
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
