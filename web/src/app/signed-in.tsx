import { RouterProvider } from '@tanstack/react-router';
import type { i18n as I18n } from 'i18next';
import type { ReactNode } from 'react';
import type { Connection } from './connection.ts';
import { ConnectionContext } from './connection-context.ts';
import { consoleRouter } from './router.tsx';

/**
 * The console, for who has signed in, at the page of the address, which is there with its code and texts: nothing half made is shown
 * meanwhile. (What React shows in place of something stays for 300 ms, and a page begins behind three such places.)
 * @throws what kept the page from coming
 */
export async function openConsole(connection: Connection, i18n: I18n): Promise<ReactNode> {
  const router = consoleRouter(i18n);
  await router.load();
  return (
    <ConnectionContext.Provider value={connection}>
      <RouterProvider router={router} />
    </ConnectionContext.Provider>
  );
}
