import { Button, FileInput, Group, Loader, Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import FileUp from 'lucide-react/icons/file-up';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../api/context.ts';
import { Dialog } from './dialog.tsx';
import { ProblemAlert } from './problem-alert.tsx';

/** A file for the API: it is tried as soon as it is chosen, so that what it would do is seen before it does it. */
export interface FileImport<R> {
  file: File | null;
  choose: (file: File | null) => void;
  /** What the file would do, with the options as they are; undefined: not known. */
  plan: R | undefined;
  isReading: boolean;
  isBusy: boolean;
  error: unknown;
  /** Does what was tried. */
  run: () => Promise<void>;
}

/**
 * @param addressOf of the API, with the options: where the file is tried, and where it is taken
 * @param stale paths whose answers are read again afterwards
 * @param onDone with what it did
 */
export function useFileImport<R>(
  addressOf: (dryRun: boolean) => string,
  stale: string[],
  onDone: (result: R) => Promise<unknown>,
): FileImport<R> {
  const api = useApi();
  const queries = useQueryClient();
  const [file, choose] = useState<File | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const send = async (content: File, dryRun: boolean): Promise<R> => {
    const contentType = /\.json$/i.test(content.name) ? 'application/json' : 'text/csv';
    const body = await content.text();
    const response = await api.request('post', addressOf(dryRun), { body, contentType });
    return (await response.json()) as R;
  };
  const trial = useQuery({
    queryKey: ['file-import', addressOf(true), file?.name, file?.size, file?.lastModified],
    enabled: file !== null,
    queryFn: () => send(file as File, true),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const run = async () => {
    if (!file) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await onDone(await send(file, false));
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
      for (const path of stale) void queries.invalidateQueries({ queryKey: [path] });
    }
  };
  return {
    file,
    choose: (chosen) => {
      setFailure(undefined);
      choose(chosen);
    },
    plan: file ? trial.data : undefined,
    isReading: file !== null && trial.isFetching,
    isBusy,
    error: failure ?? (file ? trial.error : undefined) ?? undefined,
    run,
  };
}

interface Props {
  importing: FileImport<unknown>;
  onClose: () => void;
  title: string;
  /** What the file has to hold. */
  text: ReactNode;
  placeholder: string;
  /** Endings and types, as `accept` of HTML has them. */
  accept: string;
  options: ReactNode;
  /** What it would do, in words. */
  plan: ReactNode;
  verb: string;
  /** Red, for what takes something away. */
  danger?: boolean;
  /** There is nothing to do, or it must not be done. */
  isBlocked: boolean;
}

/** The dialogue of `useFileImport`. */
export function FileImportDialog(props: Props) {
  const { importing, onClose, title, text, placeholder, accept, options, plan, verb, danger, isBlocked } =
    props;
  const { t } = useTranslation('components');
  const { file, choose, isReading, isBusy, error, run } = importing;
  return (
    <Dialog opened onClose={onClose} title={title} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="md">
          {text}
          <FileInput
            label={t('import.file')}
            placeholder={placeholder}
            leftSection={<FileUp size={15} aria-hidden />}
            accept={accept}
            value={file}
            onChange={choose}
            clearable
            clearButtonProps={{ 'aria-label': t('filter.clear') }}
          />
          {options}
          {isReading && <Loader size="sm" aria-label={t('import.reading')} />}
          {plan}
          {error !== undefined && <ProblemAlert error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('confirm.cancel')}
            </Button>
            <Button
              type="submit"
              loading={isBusy}
              color={danger ? 'red.8' : undefined}
              disabled={isBlocked || isReading}
            >
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
