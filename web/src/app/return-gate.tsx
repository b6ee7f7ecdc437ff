import { lazy, useSyncExternalStore } from 'react';
import { Piece } from '../components/piece.tsx';
import type { ReturnProps } from './return-modal.tsx';

const ReturnModal = lazy(() => import('./return-modal.tsx'));

/** Asks who is there to sign in again, once the session has ended. */
export function ReturnGate(props: ReturnProps) {
  const { gate } = props;
  const isClosed = useSyncExternalStore(gate.subscribe, () => gate.isClosed);
  return <Piece>{isClosed && <ReturnModal {...props} />}</Piece>;
}
