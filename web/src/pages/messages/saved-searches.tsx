import { ActionIcon, Button, Group, Menu, Text, TextInput } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import Bookmark from 'lucide-react/icons/bookmark';
import Trash2 from 'lucide-react/icons/trash-2';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

export type Search = Record<string, string>;

interface Saved {
  name: string;
  search: Search;
}

const MOST = 30;

/** Searches that everybody needs, and those of this browser. */
export default function SavedSearches({
  current,
  onChoose,
}: {
  current: Search;
  onChoose: (search: Search) => void;
}) {
  const { t } = useTranslation('messages');
  const [saved, setSaved] = useLocalStorage<Saved[]>({ key: 'postern.messages.searches', defaultValue: [] });
  const [name, setName] = useState('');
  const [opened, setOpened] = useState(false);
  const ready: [string, Search][] = [
    [t('saved.waiting'), { state: 'queued,deferred' }],
    [t('saved.held'), { state: 'held' }],
    [t('saved.bounced'), { state: 'bounced' }],
    [t('saved.refused'), { state: 'refused' }],
    [t('saved.notices'), { from: '<>' }],
  ];
  const save = (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === '') return;
    setSaved(
      [{ name: wanted, search: current }, ...saved.filter((one) => one.name !== wanted)].slice(0, MOST),
    );
    setName('');
    setOpened(false);
  };
  const choose = (search: Search) => {
    setOpened(false);
    onChoose(search);
  };
  return (
    <Menu opened={opened} onChange={setOpened} position="bottom-end" width={300} closeOnItemClick={false}>
      <Menu.Target>
        <Button variant="default" leftSection={<Bookmark size={15} aria-hidden />}>
          {t('saved.open')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {ready.map(([title, search]) => (
          <Menu.Item key={title} onClick={() => choose(search)}>
            {title}
          </Menu.Item>
        ))}
        {saved.length > 0 && <Menu.Label>{t('saved.own')}</Menu.Label>}
        {saved.map(({ name: title, search }) => (
          <Menu.Item
            key={title}
            component="div"
            onClick={() => choose(search)}
            rightSection={
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={t('saved.remove', { name: title })}
                onClick={(event) => {
                  event.stopPropagation();
                  setSaved(saved.filter((one) => one.name !== title));
                }}
              >
                <Trash2 size={14} aria-hidden />
              </ActionIcon>
            }
          >
            <Text size="sm" truncate>
              <bdi>{title}</bdi>
            </Text>
          </Menu.Item>
        ))}
        {Object.keys(current).length > 0 && (
          <>
            <Menu.Divider />
            <form onSubmit={save}>
              <Group gap={6} p={6} wrap="nowrap">
                <TextInput
                  size="xs"
                  flex={1}
                  maxLength={60}
                  aria-label={t('saved.name')}
                  placeholder={t('saved.name')}
                  value={name}
                  onChange={({ currentTarget }) => setName(currentTarget.value)}
                  onKeyDown={(event) => event.stopPropagation()}
                />
                <Button size="xs" type="submit">
                  {t('saved.save')}
                </Button>
              </Group>
            </form>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
