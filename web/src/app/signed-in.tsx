import { RouterProvider } from '@tanstack/react-router';
import type { Connection } from './connection.ts';
import { ConnectionContext } from './connection-context.ts';
import type { openRouter } from './router.tsx';

export { openRouter } from './router.tsx';

export type OpenRouter = Awaited<ReturnType<typeof openRouter>>;

/** The console, for who has signed in. */
export function SignedIn({ connection, router }: { connection: Connection; router: OpenRouter }) {
  return (
    <ConnectionContext.Provider value={connection}>
      <RouterProvider router={router} />
    </ConnectionContext.Provider>
  );
}
