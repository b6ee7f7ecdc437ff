import { Skeleton } from '@mantine/core';
import { Dialog } from './dialog.tsx';
import { ProblemAlert } from './problem-alert.tsx';

/** In place of a dialog's form, until what it is about to change was read (`useFound`). */
export function FormComing({
  title,
  error,
  onClose,
}: {
  title: string;
  error: unknown;
  onClose: () => void;
}) {
  return (
    <Dialog opened onClose={onClose} title={title}>
      {error ? <ProblemAlert error={error} /> : <Skeleton height={320} />}
    </Dialog>
  );
}
