import { Card, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useMenu } from '../../app/menu.ts';
import { useSession } from '../../app/session.tsx';

/** Where the console begins: the pages that this role may see. */
export default function HomePage() {
  const { t } = useTranslation('home');
  const { who } = useSession();
  const pages = useMenu().flatMap((group) => group.pages.filter(({ path }) => path !== '/'));
  return (
    <Stack gap="lg">
      <div>
        <Title order={1}>{t('title')}</Title>
        <Text c="dimmed">{t('greeting', { name: who.name })}</Text>
      </div>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }}>
        {pages.map(({ path, title, icon: Icon }) => (
          <Card key={path} component={Link} to={path}>
            <Icon size={20} aria-hidden />
            <Text fw={600} mt="xs">
              {title}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
