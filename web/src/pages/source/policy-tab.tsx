import { Paper, Stack, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tagged } from '../../api/client.ts';
import { useApi } from '../../api/context.ts';
import { ApiProblem, fieldErrors } from '../../api/problem.ts';
import type { Source } from '../../api/schema.ts';
import { useCan } from '../../app/session.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { showFaults } from '../../components/show-faults.ts';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';
import { AboutFields } from './about-fields.tsx';
import { Conflict } from './conflict.tsx';
import { PolicyFields } from './policy-fields.tsx';
import classes from './source.module.css';
import { type Merge, mergeEdits, type SourceValues, valuesOf } from './values.ts';

/** Who it is and what it may do, to be edited. Edits outlive a lost connection, and what somebody else saved meanwhile. */
export default function PolicyTab({ tagged }: { tagged: Tagged<Source> }) {
  const { t } = useTranslation('source');
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const mayEdit = useCan('operator');
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const [conflict, setConflict] = useState<Merge & { now: Tagged<Source> }>();
  const form = useForm<SourceValues>({ mode: 'controlled', initialValues: valuesOf(tagged.data) });
  /** The state that the edits began with. */
  const base = useRef(tagged);
  const isDirty = form.isDirty();

  const begin = (now: Tagged<Source>, values = valuesOf(now.data)) => {
    base.current = now;
    form.setInitialValues(valuesOf(now.data));
    form.setValues(values);
    form.resetDirty(valuesOf(now.data));
    form.clearErrors();
  };
  useEffect(() => {
    // who is not editing sees what there is now; who is keeps what they have until they save
    if (tagged.etag !== base.current.etag && !isDirty) begin(tagged);
    // `begin` belongs to this very page
  });

  const save = async (values: SourceValues) => {
    setBusy(true);
    setFailure(undefined);
    const { name } = base.current.data;
    try {
      const saved = await api.send('patch', '/sources/{name}', {
        params: { name },
        body: values,
        etag: base.current.etag,
      });
      begin(saved);
      await notify({ text: t('saved') });
      for (const path of ['/sources', '/source-counts', '/sources/{name}'])
        void queries.invalidateQueries({ queryKey: [path] });
      if (saved.data.name !== name) {
        void navigate({
          to: '/sources/$name/{-$tab}',
          params: { name: saved.data.name, tab: 'policy' },
          replace: true,
        });
      }
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 412) {
        try {
          const now = await api.getTagged('/sources/{name}', { params: { name: base.current.data.id } });
          setConflict({ ...mergeEdits(valuesOf(base.current.data), values, valuesOf(now.data)), now });
        } catch (second) {
          setFailure(second);
        }
        return;
      }
      showFaults(() => {
        const errors = fieldErrors(error);
        if (errors) form.setErrors(errors);
        setFailure(error);
      });
    } finally {
      setBusy(false);
    }
  };
  const guard = useUnsavedGuard(isDirty);
  return (
    <Paper p="md" component="form" noValidate onSubmit={form.onSubmit((values) => void save(values))}>
      {guard}
      <fieldset disabled={!mayEdit} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <legend className="visually-hidden">{t('tab.policy')}</legend>
        <Stack gap="md">
          <section>
            <Title order={2} mb="sm">
              {t('about')}
            </Title>
            <AboutFields form={form} />
          </section>
          <section>
            <Title order={2} mb="sm" mt="xs">
              {t('policy.title')}
            </Title>
            <PolicyFields form={form} />
          </section>
        </Stack>
      </fieldset>
      <Stack gap="sm" mt="md" className={classes.actions} data-sticky={isDirty || undefined}>
        {failure !== undefined && <ProblemAlert error={failure} />}
        {mayEdit && (
          <FormActions
            isDirty={isDirty}
            isBusy={isBusy}
            onReset={() => {
              setFailure(undefined);
              begin(tagged);
            }}
          />
        )}
      </Stack>
      {conflict && (
        <Conflict
          conflict={conflict}
          onKeep={() => {
            begin(conflict.now, conflict.merged);
            setConflict(undefined);
          }}
          onDiscard={() => {
            begin(conflict.now);
            setConflict(undefined);
          }}
          onClose={() => setConflict(undefined)}
        />
      )}
    </Paper>
  );
}
