import { List } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** What the documentation of Exchange Online leaves open, and a decision rests on. */
export function OpenPoints({ questions }: { questions: readonly string[] }) {
  const { t } = useTranslation('verdicts');
  return (
    <List size="sm" spacing={4}>
      {questions.map((question) => (
        <List.Item key={question}>{t(`open.${question}`, { defaultValue: question })}</List.Item>
      ))}
    </List>
  );
}
