import { Group, Paper, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

/** A part of the account: what it is, its state, and what one can do. */
export function Section({
  title,
  text,
  mark,
  actions,
  children,
}: {
  title: string;
  text?: string;
  mark?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <Paper p="md" component="section" aria-labelledby={id}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ flex: '1 1 260px', minWidth: 0 }}>
          <Group gap={8}>
            <Title order={2} id={id}>
              {title}
            </Title>
            {mark}
          </Group>
          {text !== undefined && (
            <Text size="sm" c="dimmed" mt={2}>
              {text}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children && <div style={{ marginTop: 12 }}>{children}</div>}
    </Paper>
  );
}
