import { Center, Stack } from '@mantine/core';
import { ProblemAlert } from '../components/problem-alert.tsx';
import type { Connection } from './connection.ts';
import { Mark } from './mark.tsx';
import { isMissingPiece, MissingPiece } from './missing-piece.tsx';

interface Props {
  error: unknown;
  connection: Connection;
  onRetry: () => void;
}

/** Not even who has signed in could be asked, or the first page did not come. */
export function EntryFailure({ error, connection, onRetry }: Props) {
  return (
    <Center mih="100dvh" p="md" component="main">
      <Stack maw={480} w="100%" align="center">
        <Mark size={40} />
        {isMissingPiece(error) ? (
          <MissingPiece connection={connection} onRetry={onRetry} />
        ) : (
          <ProblemAlert error={error} onRetry={onRetry} />
        )}
      </Stack>
    </Center>
  );
}
