/** DuckDB reads the trace and groups it by sender, address and day; prints what it took. Started by `audit-scale.ts`. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';

/** As much of its interface as is used here. */
interface DuckDB {
  DuckDBInstance: {
    create(
      path: string,
      options: Record<string, string>,
    ): Promise<{ connect(): Promise<{ runAndReadAll(sql: string): Promise<{ getRowsJS(): unknown[][] }> }> }>;
  };
}

const [file = '', folder = ''] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(folder), 'package.json'));
const { DuckDBInstance } = require('@duckdb/node-api') as DuckDB;
const threads = availableParallelism();
const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
const connection = await instance.connect();
const result = await connection.runAndReadAll(`
  select count(*), sum(messages) from (
    select SenderAddress, FromIP, cast(Received as date) as day, count(*) as messages
    from read_csv('${file.replaceAll("'", "''")}', header = true, encoding = 'utf-16')
    group by all
  )`);
const [groups, messages] = result.getRowsJS()[0]!;
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({
    threads,
    cpuSeconds: Number(((user + system) / 1e6).toFixed(1)),
    residentMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    groups: Number(groups),
    rows: Number(messages),
  }),
);
