import { Button, Checkbox, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import Wrench from 'lucide-react/icons/wrench';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useTaggedQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { Can } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { fixOf, type FixPlan, type Group } from './fix-plan.ts';

/** One button that changes the one setting that would let this through, with what it means. */
export function Fix({ group, sourceName }: { group: Group; sourceName: string }) {
  const { t } = useTranslation('refusals');
  const source = useTaggedQuery('/sources/{name}', { params: { name: sourceName } });
  const [isAsking, setAsking] = useState(false);
  if (!source.data) return null;
  const plan = fixOf(group.code, group.events, source.data.data.policy);
  if (!plan) return null;
  return (
    <>
      <Can role="operator" why>
        {(may) => (
          <Button
            leftSection={<Wrench size={15} aria-hidden />}
            disabled={!may}
            onClick={() => setAsking(true)}
          >
            {t(`fix.${plan.kind}.button`, { count: plan.additions.length })}
          </Button>
        )}
      </Can>
      {isAsking && (
        <Confirm
          plan={plan}
          sourceName={sourceName}
          before={source.data.data.policy}
          etag={source.data.etag}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

interface Props {
  plan: FixPlan;
  sourceName: string;
  before: Parameters<typeof fixOf>[2];
  etag: string | undefined;
  onClose: () => void;
}

function Confirm({ plan, sourceName, before, etag, onClose }: Props) {
  const { t } = useTranslation('refusals');
  const format = useFormat();
  const api = useApi();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<string[]>(plan.additions);
  const quantity = (value: number | undefined) =>
    value === undefined ? '' : plan.unit === 'bytes' ? format.bytes(value) : format.number(value);
  const refresh = () => queries.invalidateQueries({ queryKey: ['/sources/{name}'] });
  const patch = plan.patch(chosen);
  const run = async () => {
    await api.patch('/sources/{name}', { params: { name: sourceName }, body: { policy: patch }, etag });
    await refresh();
  };
  const undo = async () => {
    const back = Object.fromEntries(
      Object.keys(patch).map((name) => [name, before[name as keyof typeof before]]),
    ) as typeof patch;
    await api.patch('/sources/{name}', { params: { name: sourceName }, body: { policy: back } });
    await refresh();
  };
  return (
    <ConfirmAction
      opened
      onClose={onClose}
      title={t(`fix.${plan.kind}.title`, { source: `\u2068${sourceName}\u2069` })}
      verb={t(`fix.${plan.kind}.button`, { count: chosen.length })}
      run={run}
      done={t('fix.done', { source: sourceName })}
      undo={undo}
    >
      <Stack gap="sm">
        <Text size="sm">
          {t(`fix.${plan.kind}.text`, {
            before: quantity(plan.before),
            after: quantity(plan.after),
            source: `\u2068${sourceName}\u2069`,
          })}
        </Text>
        {plan.additions.length > 0 && (
          <Checkbox.Group value={chosen} onChange={setChosen} label={t('fix.additions')}>
            <Stack gap={6} mt={6}>
              {plan.additions.map((one) => (
                <Checkbox
                  key={one}
                  value={one}
                  label={<bdi style={{ overflowWrap: 'anywhere' }}>{one}</bdi>}
                  disabled={chosen.length === 1 && chosen[0] === one}
                />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <Text size="sm" c="dimmed">
          {t(`fix.${plan.kind}.but`)}
        </Text>
      </Stack>
    </ConfirmAction>
  );
}
