import { ActionIcon, Group } from '@mantine/core';
import Pencil from 'lucide-react/icons/pencil';
import Trash2 from 'lucide-react/icons/trash-2';
import { useTranslation } from 'react-i18next';

/** What can be done with one line of a list. */
export function RowActions({
  name,
  onEdit,
  onRemove,
}: {
  name: string;
  onEdit?: () => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation('edge-settings');
  return (
    <Group gap={2} justify="flex-end" wrap="nowrap">
      {onEdit && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('editOf', { name })}
          title={t('edit')}
          onClick={onEdit}
        >
          <Pencil size={15} aria-hidden />
        </ActionIcon>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t('removeOf', { name })}
        title={t('remove')}
        onClick={onRemove}
      >
        <Trash2 size={15} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
