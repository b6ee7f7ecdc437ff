import { Button, Group, Text } from '@mantine/core';
import Plus from 'lucide-react/icons/plus';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation } from '../../api/queries.ts';
import type { Exception } from '../../api/schema.ts';
import { Can, useCan } from '../../app/session.tsx';
import { ConfirmAction } from '../confirm-action.tsx';
import { Piece } from '../piece.tsx';
import { StateBadge } from '../state-badge.tsx';
import { TimeText } from '../time-text.tsx';
import { keyOfKind, STALE } from './kinds.ts';

const ExceptionDialog = lazy(() => import('./exception-dialog.tsx'));

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
const MOST_NAMED = 3;

/** `TLS 1.0 and 1.1 for 10.1.2.0/24`, in the language of the page. */
export function useExceptionTitle(): (exception: Exception) => string {
  const { t } = useTranslation('exception-parts');
  return ({ kind, networks, source, sourceName }) => {
    const rest = networks.length - MOST_NAMED;
    const whom =
      networks.length === 0
        ? (sourceName ?? source ?? '')
        : [...networks.slice(0, MOST_NAMED), ...(rest > 0 ? [`+${rest}`] : [])].join(', ');
    return t('what', { kind: t(`kinds.${keyOfKind(kind)}`), whom: `\u2068${whom}\u2069` });
  };
}

export function ExceptionState({ exception: { state, endsAt } }: { exception: Exception }) {
  const { t } = useTranslation('exception-parts');
  const isSoon = endsAt - Date.now() < SOON_DAYS * DAY_MS;
  return (
    <StateBadge tone={state !== 'open' ? 'quiet' : isSoon ? 'warn' : 'info'}>
      {t(`state.${state}`)}
    </StateBadge>
  );
}

/** "never used", or when it was needed the last time. */
export function LastUse({ exception: { lastUsedAt } }: { exception: Exception }) {
  const { t } = useTranslation('exception-parts');
  if (lastUsedAt === undefined) return t('unused');
  return (
    <>
      {t('used')} <TimeText at={lastUsedAt} />
    </>
  );
}

/** The button that allows something weak, for who may. */
export function AddException({ source }: { source?: { name: string; owner: string } }) {
  const { t } = useTranslation('exception-parts');
  const [isOpen, setOpen] = useState(false);
  return (
    <Can role="operator">
      <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setOpen(true)}>
        {t('add')}
      </Button>
      <Piece>{isOpen && <ExceptionDialog source={source} onClose={() => setOpen(false)} />}</Piece>
    </Can>
  );
}

/** What can be done with one: another end, an end now, or the same once more when it is over. */
export function ExceptionActions({ exception, size }: { exception: Exception; size?: 'compact-sm' }) {
  const { t } = useTranslation('exception-parts');
  const mayEdit = useCan('operator');
  const titleOf = useExceptionTitle();
  const [asked, setAsked] = useState<'until' | 'close'>();
  const close = useApiMutation('delete', '/exceptions/{id}', STALE);
  if (!mayEdit) return null;
  const isOpen = exception.state === 'open';
  const done = () => setAsked(undefined);
  return (
    <Group gap="xs">
      <Button size={size} variant="default" onClick={() => setAsked('until')}>
        {t(isOpen ? 'extend' : 'again')}
      </Button>
      {isOpen && (
        <Button size={size} variant="default" onClick={() => setAsked('close')}>
          {t('close')}
        </Button>
      )}
      <Piece>{asked === 'until' && <ExceptionDialog exception={exception} onClose={done} />}</Piece>
      <ConfirmAction
        opened={asked === 'close'}
        onClose={done}
        title={t('closeTitle')}
        verb={t('close')}
        danger
        run={() => close.mutateAsync({ params: { id: exception.id }, etag: `"${exception.version}"` })}
        done={t('closed')}
      >
        <Text size="sm">
          {t('closeText', { text: titleOf(exception) })} <LastUse exception={exception} />.
        </Text>
      </ConfirmAction>
    </Group>
  );
}
