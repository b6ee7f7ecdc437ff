import { lazy, Suspense, useEffect, useState } from 'react';

const Shown = lazy(() => import('./notices-shown.tsx'));

/** Where notices appear. Loaded once the page stands: none comes before. */
export function Notices() {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIdle(true), 1000);
    return () => clearTimeout(timer);
  }, []);
  return <Suspense>{isIdle && <Shown />}</Suspense>;
}
