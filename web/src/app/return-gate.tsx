import { lazy, Suspense, useSyncExternalStore } from 'react';
import type { ReturnProps } from './return-modal.tsx';

const ReturnModal = lazy(() => import('./return-modal.tsx'));

/** Asks who is there to sign in again, once the session has ended. */
export function ReturnGate(props: ReturnProps) {
  const { gate } = props;
  const isClosed = useSyncExternalStore(gate.subscribe, () => gate.isClosed);
  return <Suspense>{isClosed && <ReturnModal {...props} />}</Suspense>;
}
