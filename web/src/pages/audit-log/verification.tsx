import { Alert, Button, Loader, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFormat } from '../../app/format.ts';

/** Goes over the whole chain, on request also against a state that was noted down earlier (`count:hash`). */
export function Verification({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('audit-log');
  const format = useFormat();
  const [noted, setNoted] = useState('');
  const [asked, setAsked] = useState<{ count?: number; hash?: string }>({});
  const [wrong, setWrong] = useState<string>();
  const { data, error, isFetching, refetch } = useApiQuery(
    '/audit-log/verify',
    { query: asked },
    { staleTime: 0 },
  );
  const compare = (event: FormEvent) => {
    event.preventDefault();
    const [, count, hash] = /^(\d+):([0-9a-f]{64})$/.exec(noted.trim()) ?? [];
    setWrong(count === undefined ? t('verify.form') : undefined);
    if (count !== undefined) setAsked({ count: Number(count), hash });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('verify.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack gap="md">
        {isFetching && <Loader size="sm" aria-label={t('verify.running')} />}
        {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
        {data && !isFetching && (
          <>
            <Alert
              color={data.intact ? 'green' : 'red'}
              role="status"
              title={t(data.intact ? 'verify.intact' : 'verify.broken')}
            >
              {t('verify.count', { count: data.entries, number: format.number(data.entries) })}
              {data.problems.map(({ sequence, text }) => (
                <Text key={`${sequence} ${text}`} size="sm">
                  {t('entry', { number: sequence })}: {text}
                </Text>
              ))}
            </Alert>
            <div>
              <Text size="sm" mb={4}>
                {t('verify.note')}
              </Text>
              <CodeBlock value={`${data.head.count}:${data.head.hash}`} wrap />
            </div>
          </>
        )}
        <form onSubmit={compare}>
          <Stack gap="xs">
            <TextInput
              label={t('verify.noted')}
              value={noted}
              error={wrong}
              onChange={({ currentTarget }) => setNoted(currentTarget.value)}
              spellCheck={false}
            />
            <div>
              <Button type="submit" variant="default">
                {t('verify.compare')}
              </Button>
            </div>
          </Stack>
        </form>
      </Stack>
    </Modal>
  );
}
