import { Alert, Button, Code, Group, List, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ApiProblem, NoConnection } from '../api/problem.ts';

interface Props {
  error: unknown;
  /** Instead of the one that fits the error. */
  title?: string;
  onRetry?: () => void;
}

/** Why something did not work, in the relay's own words. */
export function ProblemAlert({ error, title, onRetry }: Props) {
  const { t } = useTranslation('components');
  const problem = error instanceof ApiProblem ? error : undefined;
  const text =
    error instanceof NoConnection
      ? t('problem.noConnection')
      : error instanceof Error
        ? error.message
        : t('problem.unknown');
  const errors = problem?.details.errors?.filter(({ detail }) => detail !== text) ?? [];
  return (
    <Alert color="red" variant="light" role="alert" title={title ?? t(titleOf(problem))} w="100%">
      <Text size="sm">{text}</Text>
      {errors.length > 1 && (
        <List size="sm" mt={4}>
          {errors.map(({ field, detail }) => (
            <List.Item key={`${field} ${detail}`}>
              {field !== '' && <Code>{field}</Code>} {detail}
            </List.Item>
          ))}
        </List>
      )}
      {onRetry && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={onRetry}>
            {t('problem.retry')}
          </Button>
        </Group>
      )}
    </Alert>
  );
}

function titleOf(problem: ApiProblem | undefined): string {
  switch (problem?.status ?? 0) {
    case 403:
      return 'problem.title.forbidden';
    case 404:
      return 'problem.title.notFound';
    case 412:
      return 'problem.title.changed';
    case 429:
    case 503:
      return 'problem.title.later';
    default:
      return 'problem.title.other';
  }
}
