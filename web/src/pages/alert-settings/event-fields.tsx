import { Group, MultiSelect, NumberInput, TagsInput, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { EVENT_TYPES } from './event-types.ts';
import type { RuleValues } from './rule-values.ts';

/** Which events of the journal a rule is about, and how many of them. */
export function EventFields({ form }: { form: UseFormReturnType<RuleValues> }) {
  const { t } = useTranslation('alert-settings');
  const number = (name: 'count' | 'within', min?: number) => (
    <NumberInput
      label={t(`rule.${name}`)}
      min={min}
      required
      withAsterisk={false}
      {...form.getInputProps(name)}
    />
  );
  return (
    <>
      <MultiSelect
        label={t('rule.types')}
        data={EVENT_TYPES.map((value) => ({ value, label: t(`event.${value}`) }))}
        {...form.getInputProps('types')}
      />
      <TagsInput
        label={t('rule.codes')}
        description={t('rule.codesHelp')}
        splitChars={[',', ' ', ';']}
        acceptValueOnBlur
        {...form.getInputProps('codes')}
      />
      <Group grow align="flex-start">
        <TagsInput
          label={t('rule.outcomes')}
          placeholder={form.values.outcomes.length === 0 ? t('rule.any') : undefined}
          splitChars={[',', ' ', ';']}
          acceptValueOnBlur
          {...form.getInputProps('outcomes')}
        />
        <TextInput
          label={t('rule.source')}
          placeholder={t('rule.any')}
          spellCheck={false}
          {...form.getInputProps('source')}
        />
      </Group>
      <Group grow align="flex-start">
        {number('count', 1)}
        {number('within')}
      </Group>
    </>
  );
}
