import { createContext, useContext } from 'react';
import type { Connection } from './connection.ts';

export const ConnectionContext = createContext<Connection | undefined>(undefined);

/** Whether the relay answers, and what to do when it does not. */
export function useConnectionObject(): Connection {
  const connection = useContext(ConnectionContext);
  if (!connection) throw new Error('there is no ConnectionContext');
  return connection;
}
