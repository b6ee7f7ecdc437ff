import { type ComponentType, useEffect, useState } from 'react';

const AGAIN_MS = 10_000;

/** Where notices appear. Loaded once the page stands, as none comes before, and again when that failed. */
export function Notices() {
  const [Shown, setShown] = useState<ComponentType>();
  useEffect(() => {
    let timer = setTimeout(load, 500);
    function load() {
      import('./notices-shown.tsx').then(
        ({ default: loaded }) => setShown(() => loaded),
        () => (timer = setTimeout(load, AGAIN_MS)),
      );
    }
    return () => clearTimeout(timer);
  }, []);
  return Shown ? <Shown /> : null;
}
