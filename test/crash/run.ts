/** `npm run crash`: 200 kills and a full disk, with the figures. A seed makes the moments of the kills repeat. */
import { diskFull } from './disk-full.ts';
import { killLoop } from './kill-loop.ts';
import { seeded } from '../support/seeded.ts';

const cycles = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 200);
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(JSON.stringify({ seed, cycles }));
const killed = await killLoop({
  cycles,
  connections: 8,
  smtpPort: 3526,
  apiPort: 3026,
  random: seeded(seed),
});
console.log(JSON.stringify({ kill: killed }, undefined, 2));
const full = await diskFull({ smtpPort: 3527, apiPort: 3027 });
console.log(JSON.stringify({ diskFull: full }, undefined, 2));
const failures = [...killed.lost, ...killed.altered, ...killed.unexplained, ...full.lost, ...full.altered];
console.log(failures.length === 0 ? 'nothing lost, nothing altered' : `FAILED: ${failures.length} messages`);
process.exit(failures.length === 0 ? 0 : 1);
