import { SimpleGrid, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { errorOf, type SourceForm } from './values.ts';

/** Who it is, and who answers for it. */
export function AboutFields({ form, onName }: { form: SourceForm; onName?: () => void }) {
  const { t } = useTranslation('source');
  const tags = useApiQuery('/source-counts', {}, { staleTime: 60_000 }).data?.tags ?? [];
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <TextInput
          label={t('field.name')}
          description={t('field.nameHelp')}
          required
          maxLength={64}
          spellCheck={false}
          {...form.getInputProps('name')}
          onBlur={onName}
        />
        <TextInput
          label={t('field.owner')}
          description={t('field.ownerHelp')}
          type="email"
          maxLength={254}
          {...form.getInputProps('owner')}
        />
      </SimpleGrid>
      <TextInput
        label={t('field.description')}
        maxLength={500}
        dir="auto"
        {...form.getInputProps('description')}
      />
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
        <TextInput label={t('field.contact')} maxLength={200} dir="auto" {...form.getInputProps('contact')} />
        <TextInput label={t('field.site')} maxLength={100} dir="auto" {...form.getInputProps('site')} />
        <TagsInput
          label={t('field.tags')}
          data={tags.map(({ tag }) => tag)}
          maxTags={30}
          {...form.getInputProps('tags')}
          error={errorOf(form, 'tags')}
        />
      </SimpleGrid>
      <Textarea
        label={t('field.notes')}
        autosize
        minRows={2}
        maxRows={10}
        maxLength={4000}
        dir="auto"
        {...form.getInputProps('notes')}
      />
    </Stack>
  );
}
