import { Modal, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import Search from 'lucide-react/icons/search';
import { type KeyboardEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../api/context.ts';
import { useMenu } from './menu.ts';
import { SEARCHES, type Hit } from './searches.ts';
import { isAtLeast } from './roles.ts';
import { useSession } from './session.tsx';
import classes from './search-dialog.module.css';

/** Ctrl+K: goes to a page, or to what the searches of `searches.ts` find. */
export default function SearchDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('app');
  const { who } = useSession();
  const api = useApi();
  const navigate = useNavigate();
  const menu = useMenu();
  const [text, setText] = useState('');
  const [marked, setMarked] = useState(0);
  const list = useId();
  const wanted = text.trim().toLowerCase();

  const pages: Hit[] = menu
    .flatMap((group) => group.pages)
    .filter(({ title }) => title.toLowerCase().includes(wanted))
    .map(({ title, path }) => ({ title, to: path, kind: 'page' }));
  const found = useQuery({
    queryKey: ['search', wanted],
    enabled: wanted.length >= 2,
    queryFn: async ({ signal }) => {
      const allowed = SEARCHES.filter(({ role }) => role === undefined || isAtLeast(who.role, role));
      // one that fails must not hide what the others found
      const answers = await Promise.allSettled(allowed.map(({ find }) => find(api, wanted, signal)));
      return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    },
  });
  const hits = [...pages, ...(wanted.length >= 2 ? (found.data ?? []) : [])];
  const current = Math.min(marked, Math.max(0, hits.length - 1));

  const go = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    void navigate({ to: hit.to, search: hit.search });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && hits.length > 0) {
      event.preventDefault();
      setMarked((current + step + hits.length) % hits.length);
    } else if (event.key === 'Enter') go(hits[current]);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size="lg"
      yOffset="12vh"
      centered={false}
      aria-label={t('search.open')}
    >
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        className={classes.input}
        leftSection={<Search size={17} aria-hidden />}
        placeholder={t('search.placeholder')}
        aria-label={t('search.open')}
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={hits[current] ? `${list}-${current}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setMarked(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={list} role="listbox" aria-label={t('search.results')} className={classes.list}>
        {hits.map((hit, index) => (
          <UnstyledButton
            key={`${hit.kind} ${hit.to} ${hit.title}`}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === current}
            tabIndex={-1}
            className={classes.hit}
            onMouseMove={() => setMarked(index)}
            onClick={() => go(hit)}
          >
            <span className={classes.title}>{hit.title}</span>
            {hit.note && <span className={classes.note}>{hit.note}</span>}
            <span className={classes.kind}>{t(`search.kind.${hit.kind}`)}</span>
          </UnstyledButton>
        ))}
      </div>
      {hits.length === 0 && (
        <Text size="sm" c="dimmed" p="md" role="status">
          {found.isFetching ? t('loading') : t('search.nothing')}
        </Text>
      )}
    </Modal>
  );
}
