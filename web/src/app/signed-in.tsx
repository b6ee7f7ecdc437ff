import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import type { Connection } from './connection.ts';
import { ConnectionContext } from './connection-context.ts';
import { consoleRouter } from './router.tsx';

/** The console, for who has signed in. */
export default function SignedIn({ connection }: { connection: Connection }) {
  const [router] = useState(() => consoleRouter());
  return (
    <ConnectionContext.Provider value={connection}>
      <RouterProvider router={router} />
    </ConnectionContext.Provider>
  );
}
