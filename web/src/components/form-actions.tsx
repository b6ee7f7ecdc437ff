import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props {
  isDirty: boolean;
  isBusy: boolean;
  onReset: () => void;
  /** Why it can not be saved now: a role, a state. */
  blocked?: string;
}

/** The end of a form that edits something: save and discard, there only when there is something to save. */
export function FormActions({ isDirty, isBusy, onReset, blocked }: Props) {
  const { t } = useTranslation('components');
  return (
    <Group gap="xs">
      <Button type="submit" disabled={!isDirty || blocked !== undefined} loading={isBusy}>
        {t('form.save')}
      </Button>
      <Button variant="default" disabled={!isDirty || isBusy} onClick={onReset}>
        {t('form.discard')}
      </Button>
      {blocked !== undefined && (
        <Text size="sm" c="dimmed">
          {blocked}
        </Text>
      )}
    </Group>
  );
}
