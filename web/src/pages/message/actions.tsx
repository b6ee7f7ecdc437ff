import { Button, Tooltip } from '@mantine/core';
import Pause from 'lucide-react/icons/pause';
import Play from 'lucide-react/icons/play';
import RotateCw from 'lucide-react/icons/rotate-cw';
import Route from 'lucide-react/icons/route';
import Trash2 from 'lucide-react/icons/trash-2';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Delivery } from '../../api/schema.ts';
import { useCan } from '../../app/session.tsx';
import { Piece } from '../../components/piece.tsx';
import type { QueueTarget, Verb } from '../../components/queue-action/queue-action.tsx';

const QueueAction = lazy(() => import('../../components/queue-action/queue-action.tsx'));
const Reroute = lazy(() => import('./reroute.tsx'));

/** What can be done with a message that waits; nothing where nothing waits. */
export function Actions({ message, deliveries }: { message: string; deliveries: readonly Delivery[] }) {
  const { t } = useTranslation('message');
  const mayAct = useCan('operator');
  const [wanted, setWanted] = useState<Verb | 'reroute'>();
  if (deliveries.length === 0 || !mayAct) return null;
  const queued = deliveries.filter(({ state }) => state === 'queued').length;
  const held = deliveries.filter(({ state }) => state === 'held');
  // devices are approved, not their mail one by one
  const isStranger = held.some(({ hold }) => hold === 'approval');
  const target = (verb: Verb): QueueTarget => ({
    name: message,
    deliveries: verb === 'delete' ? deliveries.length : verb === 'release' ? held.length : queued,
    selection: {
      message,
      ...(verb === 'release' && { state: 'held' as const }),
      ...(verb === 'hold' && { state: 'queued' as const }),
    },
  });
  const close = () => setWanted(undefined);
  return (
    <>
      {queued > 0 && (
        <Button leftSection={<RotateCw size={15} aria-hidden />} onClick={() => setWanted('retry')}>
          {t('action.retry')}
        </Button>
      )}
      {held.length > 0 && (
        <Tooltip label={t('action.releaseStranger')} disabled={!isStranger}>
          <Button
            leftSection={<Play size={15} aria-hidden />}
            data-disabled={isStranger || undefined}
            aria-disabled={isStranger}
            onClick={() => (isStranger ? undefined : setWanted('release'))}
          >
            {t('action.release')}
          </Button>
        </Tooltip>
      )}
      {queued > 0 && (
        <Button
          variant="default"
          leftSection={<Pause size={15} aria-hidden />}
          onClick={() => setWanted('hold')}
        >
          {t('action.hold')}
        </Button>
      )}
      {!isStranger && (
        <Button
          variant="default"
          leftSection={<Route size={15} aria-hidden />}
          onClick={() => setWanted('reroute')}
        >
          {t('action.reroute')}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<Trash2 size={15} aria-hidden />}
        onClick={() => setWanted('delete')}
      >
        {t('action.delete')}
      </Button>
      <Piece>
        {wanted === 'reroute' && <Reroute message={message} deliveries={deliveries} onClose={close} />}
        {wanted !== undefined && wanted !== 'reroute' && (
          <QueueAction
            verb={wanted}
            targets={[target(wanted)]}
            canUndo={held.every(({ hold }) => hold !== 'operator')}
            onClose={close}
          />
        )}
      </Piece>
    </>
  );
}
