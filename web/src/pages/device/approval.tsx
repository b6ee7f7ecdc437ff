import {
  Alert,
  Button,
  Group,
  List,
  Paper,
  Radio,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { fieldErrors } from '../../api/problem.ts';
import type { ApprovalPlan, DiscoveredDevice } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useSession } from '../../app/session.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { showFaults } from '../../components/show-faults.ts';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';
import { PolicyFields } from '../source/policy-fields.tsx';
import type { SourceValues } from '../source/values.ts';
import type { ApprovedDevice } from './approved.tsx';

interface Props {
  device: DiscoveredDevice;
  onApproved: (approved: ApprovedDevice) => void;
}

/** The source that approval would make: the tightest that fits what was seen, to be changed before it is. */
export function Approval({ device, onApproved }: Props) {
  const { t } = useTranslation('device');
  const api = useApi();
  const plan = useQuery({
    queryKey: ['/discovery/plan', device.id],
    queryFn: ({ signal }) =>
      api.post('/discovery/{device}/plan', { params: { device: device.id }, body: {}, signal }),
    // while somebody works on it, it must not change under their hands
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  if (plan.error) return <ProblemAlert error={plan.error} onRetry={() => void plan.refetch()} />;
  if (!plan.data) return <Skeleton height={320} aria-label={t('approve.title')} />;
  return <PlanForm device={device} plan={plan.data} onApproved={onApproved} />;
}

function PlanForm({ device, plan, onApproved }: Props & { plan: ApprovalPlan }) {
  const { t } = useTranslation('device');
  const { t: source } = useTranslation('source');
  const api = useApi();
  const queries = useQueryClient();
  const format = useFormat();
  const { who } = useSession();
  const form = useForm<SourceValues>({
    mode: 'controlled',
    initialValues: {
      name: plan.name,
      owner: plan.owner || (who.email ?? ''),
      description: plan.description,
      contact: '',
      site: '',
      tags: [],
      notes: '',
      policy: structuredClone(plan.policy),
    },
  });
  const [kind, setKind] = useState<'network' | 'password'>(plan.credential.kind);
  const [held, setHeld] = useState<'release' | 'drop'>('release');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [isDone, setDone] = useState(false);
  const guard = useUnsavedGuard(form.isDirty() && !isDone);
  const waiting = device.held.messages;
  const approve = async ({ name, owner, description, policy }: SourceValues) => {
    setBusy(true);
    setFailure(undefined);
    try {
      const approved = await api.post('/discovery/{device}/approve', {
        params: { device: device.id },
        body: { name, owner, description, policy, credential: kind, held },
      });
      setDone(true);
      onApproved(approved);
      for (const path of ['/discovery', '/sources', '/source-counts'])
        void queries.invalidateQueries({ queryKey: [path] });
    } catch (error) {
      showFaults(() => {
        setFailure(error);
        form.setErrors(fieldErrors(error) ?? {});
      });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Paper
      p="md"
      component="form"
      noValidate
      onSubmit={form.onSubmit((values) => void approve(values))}
      aria-label={t('approve.title')}
    >
      {guard}
      <Title order={2}>{t('approve.title')}</Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('approve.text')}
      </Text>
      <Stack gap="md">
        {plan.remarks.length > 0 && (
          <Alert color="orange" title={t('approve.remarks')}>
            <List size="sm">
              {plan.remarks.map((remark) => (
                <List.Item key={remark} style={{ overflowWrap: 'anywhere' }}>
                  {remark}
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
        <Group grow align="flex-start" preventGrowOverflow={false} gap="sm">
          <TextInput
            miw={200}
            label={source('field.name')}
            description={source('field.nameHelp')}
            required
            maxLength={64}
            spellCheck={false}
            {...form.getInputProps('name')}
          />
          <TextInput
            miw={200}
            label={source('field.owner')}
            description={source('field.ownerHelp')}
            type="email"
            maxLength={254}
            {...form.getInputProps('owner')}
          />
        </Group>
        <TextInput
          label={source('field.description')}
          maxLength={500}
          dir="auto"
          {...form.getInputProps('description')}
        />
        <PolicyFields form={form} />
        <Radio.Group label={t('approve.credential')} value={kind} onChange={(value) => setKind(value)}>
          <Stack gap={6} mt={6}>
            <Radio
              value="network"
              label={t('approve.network', { networks: device.network })}
              description={t('approve.networkText')}
            />
            <Radio value="password" label={t('approve.password')} description={t('approve.passwordText')} />
          </Stack>
        </Radio.Group>
        {waiting > 0 && (
          <Radio.Group
            label={t('approve.held', { count: waiting, number: format.number(waiting) })}
            value={held}
            onChange={(value) => setHeld(value)}
          >
            <Stack gap={6} mt={6}>
              <Radio value="release" label={t('approve.release')} description={t('approve.releaseText')} />
              <Radio value="drop" label={t('approve.drop')} />
            </Stack>
          </Radio.Group>
        )}
        {failure !== undefined && <ProblemAlert error={failure} />}
        <div>
          <Button type="submit" loading={isBusy}>
            {t('approve.run')}
          </Button>
        </div>
      </Stack>
    </Paper>
  );
}
