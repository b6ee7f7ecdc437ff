import { Button, Group, NumberInput, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation } from '../../api/queries.ts';
import type { Credential, IssuedCredential, Source } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { HandoverFields, NEW_CREDENTIAL } from './credential-fields.tsx';
import { CREDENTIAL_PATHS, labelOf } from './credentials-tab.tsx';

interface Props {
  source: Source;
  credential: Credential;
  onClose: () => void;
  onIssued: (issued: IssuedCredential) => void;
}

/** A new secret beside the old one: until nobody uses the old one, or until a time. */
export default function RotateDialog({ source, credential, onClose, onIssued }: Props) {
  const { t } = useTranslation('source');
  const { t: words } = useTranslation('components');
  const [end, setEnd] = useState<'unused' | 'grace'>('unused');
  const [days, setDays] = useState(7);
  const [handover, setHandover] = useState(NEW_CREDENTIAL);
  const rotate = useApiMutation('post', '/sources/{name}/rotate', CREDENTIAL_PATHS);
  const run = async () => {
    try {
      const issued = await rotate.mutateAsync({
        params: { name: source.name },
        body: {
          credential: credential.id,
          ...(end === 'grace' ? { graceHours: days * 24 } : { unusedHours: days * 24 }),
          ...(handover.handover ? { handover: { hours: handover.handoverHours, pin: handover.pin } } : {}),
        },
      });
      onClose();
      onIssued(issued);
    } catch {
      // what went wrong stands in the dialogue
    }
  };
  return (
    <Dialog opened onClose={onClose} title={t('rotate.title', { name: labelOf(credential) })} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="md">
          <Text size="sm">{t('rotate.text')}</Text>
          <Radio.Group label={t('rotate.end')} value={end} onChange={(value) => setEnd(value)}>
            <Stack gap={6} mt={6}>
              <Radio value="unused" label={t('rotate.unused')} />
              <Radio value="grace" label={t('rotate.grace')} />
            </Stack>
          </Radio.Group>
          <NumberInput
            label={t('rotate.days')}
            min={0.05}
            max={365}
            value={days}
            onChange={(value) => setDays(Number(value))}
            w={200}
          />
          <HandoverFields
            values={handover}
            onChange={(changes) => setHandover({ ...handover, ...changes })}
          />
          {rotate.error && <ProblemAlert error={rotate.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {words('confirm.cancel')}
            </Button>
            <Button type="submit" loading={rotate.isPending}>
              {t('credential.rotate')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
