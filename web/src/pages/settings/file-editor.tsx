import { Alert, Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tagged } from '../../api/client.ts';
import { useApi } from '../../api/context.ts';
import { useCan } from '../../app/session.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';
import { Changes } from './changes.tsx';
import { SaveFile } from './save-file.tsx';
import classes from './settings.module.css';
import { TextEditor, type TextEditorHandle } from './text-editor.tsx';
import type { Configuration, ConfigurationFile, Problem } from './types.ts';

interface Draft {
  text: string;
  /** What it was begun from: somebody else's change in the meantime is not overwritten. */
  base: string;
  etag: string | undefined;
}

/** The configuration file as text, checked while it is typed as a start would check it. */
export function FileEditor({
  file,
  etag,
  onReload,
}: {
  file: ConfigurationFile;
  etag: string | undefined;
  onReload: () => Promise<Tagged<Configuration> | undefined>;
}) {
  const { t } = useTranslation('settings');
  const api = useApi();
  const isOwner = useCan('owner');
  const editor = useRef<TextEditorHandle>(null);
  const [draft, setDraft] = useState<Draft>();
  const [isSaving, setSaving] = useState(false);
  const [isMoved, setMoved] = useState(false);
  const [{ line }] = useFilters(['line']);
  const base = draft?.base ?? file.text ?? '';
  const text = draft?.text ?? base;
  const isDirty = text !== base;
  const [settled] = useDebouncedValue(text, 400);
  const check = useQuery({
    queryKey: ['configuration-check', settled],
    queryFn: ({ signal }) => api.post('/configuration/check', { body: { text: settled }, signal }),
    enabled: file.text !== undefined,
    placeholderData: keepPreviousData,
  });
  const problems = check.data?.problems ?? file.problems;
  const wrong = useMemo(
    () => new Set(problems.flatMap(({ line: number }) => (number === undefined ? [] : [number]))),
    [problems],
  );
  const guard = useUnsavedGuard(isDirty);
  useEffect(() => {
    if (line !== undefined) editor.current?.goTo(Number(line));
  }, [line]);

  if (file.text === undefined) {
    return (
      <Stack gap="sm">
        <Alert color="orange">{t('file.hidden')}</Alert>
        <Problems problems={file.problems} />
      </Stack>
    );
  }
  const blocked = file.readOnly ?? (isOwner ? undefined : t('file.ownerOnly'));
  const isChecked = settled === text && !check.isFetching && check.data !== undefined;
  const reload = async () => {
    const fresh = await onReload();
    if (!fresh) return;
    // the text that was typed stays, and is now compared with what is there
    setDraft({ text, base: fresh.data.file.text ?? '', etag: fresh.etag });
    setMoved(true);
  };
  return (
    <div className={classes.columns}>
      <Stack gap="sm" miw={0}>
        <Text size="sm" c="dimmed" id="file-place" style={{ overflowWrap: 'anywhere' }}>
          {file.path === undefined
            ? t('file.none')
            : t(file.exists ? 'file.path' : 'file.new', { path: file.path })}
        </Text>
        {blocked !== undefined && <Alert color="postern">{blocked}</Alert>}
        {isMoved && <Alert color="orange">{t('file.moved')}</Alert>}
        <TextEditor
          ref={editor}
          label={t('file.label')}
          value={text}
          readOnly={blocked !== undefined}
          wrong={wrong}
          describedBy="file-place"
          onChange={(next) => setDraft({ text: next, base, etag: draft ? draft.etag : etag })}
        />
        {blocked === undefined && (
          <Group gap="xs">
            <Button disabled={!isDirty || !isChecked || problems.length > 0} onClick={() => setSaving(true)}>
              {t('file.review')}
            </Button>
            <Button
              variant="default"
              disabled={!isDirty}
              onClick={() => {
                setDraft(undefined);
                setMoved(false);
              }}
            >
              {t('file.discard')}
            </Button>
            {isDirty && problems.length > 0 && (
              <Text size="sm" c="dimmed">
                {t('file.mendFirst')}
              </Text>
            )}
          </Group>
        )}
      </Stack>
      <Stack gap="md" miw={0} aria-live="polite" component="section" aria-label={t('check.title')}>
        <div>
          <Group gap="xs" mb={6}>
            <Title order={2}>{t('check.title')}</Title>
            {check.isFetching && <Loader size={14} aria-label={t('check.running')} />}
          </Group>
          {check.error ? (
            <ProblemAlert error={check.error} onRetry={() => void check.refetch()} />
          ) : problems.length > 0 ? (
            <Problems problems={problems} onLine={(number) => editor.current?.goTo(number)} />
          ) : (
            check.data && (
              <Alert color="green" p="xs">
                {t('check.fine')}
              </Alert>
            )
          )}
        </div>
        {check.data && problems.length === 0 && (
          <div>
            <Title order={3} mb={4}>
              {t('check.changes')}
            </Title>
            {check.data.changes.length === 0 ? (
              <Text size="sm" c="dimmed">
                {t('check.noChanges')}
              </Text>
            ) : (
              <Changes changes={check.data.changes} />
            )}
          </div>
        )}
        {check.data?.overridden.map(({ field, variable }) => (
          <Alert key={field} color="orange" p="xs">
            {t('check.overridden', { field, variable })}
          </Alert>
        ))}
      </Stack>
      {isSaving && check.data && (
        <SaveFile
          before={base}
          after={text}
          etag={draft?.etag}
          assessment={check.data}
          onClose={() => setSaving(false)}
          onMoved={reload}
          onSaved={() => {
            setDraft(undefined);
            setMoved(false);
          }}
        />
      )}
      {guard}
    </div>
  );
}

function Problems({ problems, onLine }: { problems: readonly Problem[]; onLine?: (line: number) => void }) {
  const { t } = useTranslation('settings');
  return (
    <ul className={classes.problems}>
      {problems.map(({ line, field, expected, place }) => {
        const text = (
          <>
            <b>{line === undefined ? place : t('line', { line })}</b>
            {field !== undefined && <code> {field}</code>}
            <br />
            <span lang="en">{expected}</span>
          </>
        );
        return (
          <li key={`${place} ${field ?? ''} ${expected}`}>
            {line !== undefined && onLine ? (
              <button type="button" className={classes.problem} data-line onClick={() => onLine(line)}>
                {text}
              </button>
            ) : (
              <div className={classes.problem}>{text}</div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
