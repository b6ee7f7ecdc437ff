import { Center, Stack, Text } from '@mantine/core';
import type { ComponentType, ReactNode } from 'react';

interface Props {
  title: string;
  /** What would stand here, and how it comes about. */
  children?: ReactNode;
  icon?: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  action?: ReactNode;
}

/** Nothing to show, and why. */
export function EmptyState({ title, children, icon: Icon, action }: Props) {
  return (
    <Center py={48} px="md">
      <Stack align="center" gap={6} maw={460} ta="center">
        {Icon && <Icon size={28} aria-hidden />}
        <Text fw={600}>{title}</Text>
        {children && (
          <Text size="sm" c="dimmed" component="div">
            {children}
          </Text>
        )}
        {action && <div style={{ marginTop: 8 }}>{action}</div>}
      </Stack>
    </Center>
  );
}
