import { useEffect } from 'react';

/** Paper is white: while the page is printed it has the light colours, whatever the screen has. */
export function usePrintInLight(): void {
  useEffect(() => {
    const root = document.documentElement;
    let scheme: string | undefined;
    const before = () => {
      scheme = root.dataset['mantineColorScheme'];
      root.dataset['mantineColorScheme'] = 'light';
      // what was drawn for the screen can not be drawn anew before the paper is fed
      root.dataset['printedFrom'] = scheme;
    };
    const after = () => {
      delete root.dataset['printedFrom'];
      if (scheme !== undefined) root.dataset['mantineColorScheme'] = scheme;
    };
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }, []);
}
