import { Center, Stack } from '@mantine/core';
import { ProblemAlert } from '../components/problem-alert.tsx';
import { Mark } from './mark.tsx';

/** Not even who has signed in could be asked. */
export function EntryFailure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Center mih="100dvh" p="md" component="main">
      <Stack maw={480} w="100%" align="center">
        <Mark size={40} />
        <ProblemAlert error={error} onRetry={onRetry} />
      </Stack>
    </Center>
  );
}
