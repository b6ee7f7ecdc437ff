import { Select, TagsInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { Person } from '../../api/schema.ts';
import { ROLES } from './roles.ts';

/** What somebody may do; of source owners also which sources are theirs. */
export function RoleFields<V extends { role: Person['role']; sources: string[] }>({
  form,
}: {
  form: UseFormReturnType<V>;
}) {
  const { t } = useTranslation('people');
  const { role } = form.values;
  return (
    <>
      <Select
        label={t('role.label')}
        description={t(`roleHelp.${role}`)}
        allowDeselect={false}
        data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
        {...form.getInputProps('role')}
      />
      {role === 'source-owner' && (
        <TagsInput
          label={t('invite.sources')}
          description={t('invite.sourcesHelp')}
          {...form.getInputProps('sources')}
        />
      )}
    </>
  );
}
