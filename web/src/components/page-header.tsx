import { Anchor, Breadcrumbs, Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';

interface Props {
  title: string;
  description?: ReactNode;
  /** Buttons at the right. */
  actions?: ReactNode;
  /** The pages above this one, the highest first. */
  above?: { title: string; to: string }[];
  /** Beside the title: a badge of the state. */
  mark?: ReactNode;
}

/** Title, what the page is for, and what one can do. Sets the title of the window as well. */
export function PageHeader({ title, description, actions, above = [], mark }: Props) {
  useEffect(() => {
    document.title = `${title} · Postern`;
  }, [title]);
  return (
    <header>
      {above.length > 0 && (
        <nav aria-label="breadcrumb">
          <Breadcrumbs mb={4} separatorMargin={6}>
            {above.map(({ title: name, to }) => (
              <Anchor key={to} component={Link} to={to} size="sm">
                {name}
              </Anchor>
            ))}
            <Text size="sm" c="dimmed" truncate maw={320} lh={1.5} aria-current="page">
              {title}
            </Text>
          </Breadcrumbs>
        </nav>
      )}
      <Group justify="space-between" align="flex-start" gap="md">
        <div style={{ minWidth: 0, flex: '1 1 280px' }}>
          <Group gap="sm" align="center">
            <Title order={1} tabIndex={-1} style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Title>
            {mark}
          </Group>
          {description && (
            <Text c="dimmed" size="sm" mt={2} maw={720}>
              {description}
            </Text>
          )}
        </div>
        {actions && (
          <Group gap="xs" className="no-print">
            {actions}
          </Group>
        )}
      </Group>
    </header>
  );
}
