import { Button, Group, Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Download from 'lucide-react/icons/download';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useFormat } from '../../app/format.ts';
import { ProblemAlert } from '../problem-alert.tsx';
import classes from './message-content.module.css';
import { addressIn, type MessagePlace } from './place.ts';
import { shortLines } from './short-lines.ts';

/** Octets that are shown; the whole of it can be saved. */
const MOST = 200_000;

/** The message octet for octet, as far as text can show octets. */
export function Source({ place, size }: { place: MessagePlace; size: number }) {
  const { t } = useTranslation('message-content');
  const api = useApi();
  const format = useFormat();
  const { data, error, refetch } = useQuery({
    queryKey: ['content', addressIn(place, '/raw')],
    queryFn: async ({ signal }) =>
      beginningOf(await api.request('get', addressIn(place, '/raw'), { signal })),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Text size="sm" c="dimmed">
          {size > MOST
            ? t('source.cut', { shown: format.bytes(MOST), size: format.bytes(size) })
            : format.bytes(size)}
        </Text>
        <Button
          component="a"
          href={addressIn(place, '/raw')}
          download
          size="xs"
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
        >
          {t('source.save')}
        </Button>
      </Group>
      {data === undefined ? (
        <Loader size="sm" aria-label={t('source.loading')} />
      ) : (
        <pre className={classes.text} tabIndex={0} aria-label={t('tab.source')}>
          {shortLines(data)}
        </pre>
      )}
    </>
  );
}

/** What is not shown is not fetched either. */
async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const pieces: Uint8Array[] = [];
  let octets = 0;
  while (reader && octets < MOST) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    octets += value.length;
  }
  await reader?.cancel();
  const whole = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
  return new TextDecoder().decode(whole.subarray(0, MOST));
}
