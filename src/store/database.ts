// The class is to be renamed `Database` with a later Node (DEP0210); this is the one place that names it.
export { DatabaseSync as Database, type StatementSync as Statement } from 'node:sqlite';
