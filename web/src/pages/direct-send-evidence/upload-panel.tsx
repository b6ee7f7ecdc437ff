import { ActionIcon, Button, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { useThrottledCallback } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import FileUp from 'lucide-react/icons/file-up';
import RotateCw from 'lucide-react/icons/rotate-cw';
import Trash from 'lucide-react/icons/trash-2';
import X from 'lucide-react/icons/x';
import { type DragEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { useCan } from '../../app/session.tsx';
import { Bytes } from '../../components/bytes.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';
import { droppedFiles } from './dropped-files.ts';
import { type Upload, UploadQueue } from './upload-queue.ts';
import classes from './evidence.module.css';

/** Where evidence is dropped, what is on its way, and what waits to be read. @param readAt when the evidence was read last */
export function UploadPanel({ readAt }: { readAt: number | undefined }) {
  const api = useApi();
  const queries = useQueryClient();
  const may = useCan('operator');
  const stored = useApiQuery('/audit/evidence');
  // a folder of small files is not listed anew for each of them
  const refresh = useThrottledCallback(
    () => void queries.invalidateQueries({ queryKey: ['/audit/evidence'] }),
    1000,
  );
  const [queue] = useState(() => new UploadQueue(api, refresh));
  const uploads = useSyncExternalStore(queue.subscribe, () => queue.uploads);
  const isBusy = uploads.some(({ state }) => state !== 'done' && state !== 'failed');
  const guard = useUnsavedGuard(isBusy);
  const onTheWay = new Set(uploads.filter(({ state }) => state !== 'failed').map(({ name }) => name));
  const waiting = (stored.data?.items ?? []).filter(({ name, at, incomplete }) =>
    incomplete ? !onTheWay.has(name) : readAt === undefined || at > readAt,
  );
  return (
    <Stack gap="sm">
      {guard}
      {may && <DropZone onFiles={(files) => queue.add(files)} />}
      {uploads.length > 0 && <Uploads uploads={uploads} queue={queue} />}
      {stored.error && <ProblemAlert error={stored.error} onRetry={() => void stored.refetch()} />}
      {waiting.length > 0 && <Waiting items={waiting} />}
    </Stack>
  );
}

function DropZone({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation('direct-send-evidence');
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    // a file that misses the zone must not replace the page
    const keep = (event: globalThis.DragEvent) => event.preventDefault();
    addEventListener('dragover', keep);
    addEventListener('drop', keep);
    return () => {
      removeEventListener('dragover', keep);
      removeEventListener('drop', keep);
    };
  }, []);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    droppedFiles(event.dataTransfer).then(onFiles, (error: unknown) =>
      notify({ tone: 'bad', text: error instanceof Error ? error.message : String(error) }),
    );
  };
  return (
    <div
      className={classes.drop}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileUp size={26} aria-hidden />
      <Text fw={600}>{t('upload.drop')}</Text>
      <Text size="sm" c="dimmed" maw={560}>
        {t('upload.kinds')}
      </Text>
      <Button variant="default" onClick={() => input.current?.click()}>
        {t('upload.choose')}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t('upload.choose')}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
    </div>
  );
}

const SHOWN = 6;
const ORDER: Record<Upload['state'], number> = { failed: 0, lost: 1, sending: 1, waiting: 2, done: 3 };

/** All of them in one bar, and each that is not done: a folder may have hundreds. */
function Uploads({ uploads, queue }: { uploads: readonly Upload[]; queue: UploadQueue }) {
  const { t } = useTranslation('direct-send-evidence');
  const size = uploads.reduce((sum, one) => sum + one.size, 0);
  const sent = uploads.reduce((sum, one) => sum + one.sent, 0);
  const done = uploads.filter(({ state }) => state === 'done').length;
  const open = uploads
    .filter(({ state }) => state !== 'done')
    .toSorted((a, b) => ORDER[a.state] - ORDER[b.state]);
  return (
    <Paper p={0}>
      <div className={classes.file}>
        <Group justify="space-between" gap="xs">
          <Text size="sm" fw={600} role="status">
            {done === uploads.length
              ? t('upload.allDone', { count: done })
              : t('upload.done', { done, count: uploads.length })}
          </Text>
          <Text size="xs" c="dimmed">
            <Bytes octets={sent} /> / <Bytes octets={size} />
          </Text>
        </Group>
        <Progress
          value={size === 0 ? 100 : (sent / size) * 100}
          color={done === uploads.length ? 'green' : undefined}
          size="sm"
          mt={6}
          aria-label={t('upload.onTheWay')}
        />
      </div>
      {open.length > 0 && (
        <ul className={classes.files} aria-label={t('upload.onTheWay')}>
          {open.slice(0, SHOWN).map((upload) => (
            <OnTheWay
              key={upload.key}
              upload={upload}
              onRetry={() => queue.retry(upload.key)}
              onDrop={() => queue.drop(upload.key)}
            />
          ))}
          {open.length > SHOWN && (
            <li className={classes.file}>
              <Text size="xs" c="dimmed">
                {t('upload.more', { count: open.length - SHOWN })}
              </Text>
            </li>
          )}
        </ul>
      )}
    </Paper>
  );
}

function OnTheWay({
  upload: { name, size, sent, state, rate, error },
  onRetry,
  onDrop,
}: {
  upload: Upload;
  onRetry: () => void;
  onDrop: () => void;
}) {
  const { t } = useTranslation('direct-send-evidence');
  const format = useFormat();
  const left = rate !== undefined && rate > 0 ? ((size - sent) / rate) * 1000 : undefined;
  const tone = state === 'failed' ? 'red' : state === 'lost' ? 'orange' : undefined;
  return (
    <li className={classes.file}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <bdi className={classes.fileName} title={name}>
          {name}
        </bdi>
        <Group gap={6} wrap="nowrap">
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }} role="status">
            {state === 'sending' &&
              `${format.bytes(sent)} / ${format.bytes(size)}${left === undefined ? '' : ` · ${t('upload.left', { time: format.duration(Math.max(1000, left)) })}`}`}
            {state !== 'sending' && state !== 'done' && t(`upload.state.${state}`)}
          </Text>
          {state === 'failed' && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('upload.retry', { name })}
              onClick={onRetry}
            >
              <RotateCw size={15} aria-hidden />
            </ActionIcon>
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('upload.dismiss', { name })}
            onClick={onDrop}
          >
            <X size={15} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      <Progress
        value={size === 0 ? 100 : (sent / size) * 100}
        color={tone}
        size="sm"
        mt={6}
        aria-label={t('upload.progress', { name })}
      />
      {state === 'failed' && <ProblemAlert error={error} />}
    </li>
  );
}

function Waiting({ items }: { items: { name: string; size: number; at: number; incomplete: boolean }[] }) {
  const { t } = useTranslation('direct-send-evidence');
  const may = useCan('operator');
  const remove = useApiMutation('delete', '/audit/evidence/{file}', ['/audit/evidence']);
  const [isWhole, setWhole] = useState(false);
  return (
    <Paper p={0}>
      <Text size="sm" fw={600} px="md" pt="sm">
        {t('waiting.title', { count: items.length })}
      </Text>
      {remove.error && <ProblemAlert error={remove.error} />}
      <ul className={classes.files} aria-label={t('waiting.title', { count: items.length })}>
        {(isWhole ? items.slice(0, 500) : items.slice(0, SHOWN)).map(({ name, size, at, incomplete }) => (
          <li key={`${name} ${incomplete}`} className={classes.file}>
            <Group justify="space-between" wrap="nowrap" gap="sm">
              <bdi className={classes.fileName} title={name}>
                {name}
              </bdi>
              <Group gap={8} wrap="nowrap" c="dimmed" fz="xs">
                {incomplete && <StateBadge tone="warn">{t('waiting.incomplete')}</StateBadge>}
                <Bytes octets={size} />
                <TimeText at={at} />
                {may && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('waiting.remove', { name })}
                    loading={remove.isPending && remove.variables?.params?.file === name}
                    onClick={() => remove.mutate({ params: { file: name } })}
                  >
                    <Trash size={15} aria-hidden />
                  </ActionIcon>
                )}
              </Group>
            </Group>
            {incomplete && (
              <Text size="xs" c="dimmed">
                {t('waiting.goOn')}
              </Text>
            )}
          </li>
        ))}
      </ul>
      {items.length > SHOWN && (
        <Button variant="subtle" size="compact-sm" m="xs" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t('waiting.fewer') : t('waiting.all', { count: items.length })}
        </Button>
      )}
    </Paper>
  );
}
