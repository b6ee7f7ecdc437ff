/**
 * The relay is killed at random moments under load, again and again, on the same data folder. Afterwards the
 * records of the clients and of the next hop are compared: what was answered 250 must have arrived, unaltered.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RelayProcess } from '../support/relay-process.ts';
import { Ledger, sendUntilDead } from './client.ts';
import { CrashSink } from './sink.ts';

export interface KillReport {
  cycles: number;
  accepted: number;
  /** Answered 250, neither delivered nor in the spool. Must be 0. */
  lost: string[];
  /** Arrived with another body, or without signature. Must be 0. */
  altered: string[];
  /** Copies beyond the first, in all. */
  duplicates: number;
  /** Duplicates whose first copy was not answered within the moments before a kill: no reason for them. Must be 0. */
  unexplained: string[];
  /** The client saw no reply, but the message arrived: the 250 was lost with the connection. */
  uncertainDelivered: number;
  uncertainNotDelivered: number;
  restartMs: { median: number; most: number };
  refusals: Record<string, number>;
}

/** A delivery settles within this time; a kill later than that can not cause a duplicate. */
const SETTLE_MS = 3000;

export async function killLoop(options: {
  cycles: number;
  connections: number;
  smtpPort: number;
  apiPort: number;
  random: () => number;
}): Promise<KillReport> {
  const sink = new CrashSink();
  const sinkPort = await sink.listen();
  const relay = new RelayProcess({
    smtpPort: options.smtpPort,
    apiPort: options.apiPort,
    config: '[delivery]\nretryFirstSeconds = 1\nretryMostSeconds = 2\n',
  });
  const ledger = new Ledger();
  const kills: number[] = [];
  const restarts: number[] = [];
  try {
    await relay.start();
    relay.setUp(sinkPort);
    sink.faults = { defer: 0.03, cut: 0.01 };
    for (let cycle = 0; cycle < options.cycles; cycle++) {
      let stopped = false;
      const clients = Array.from({ length: options.connections }, () =>
        sendUntilDead(options.smtpPort, ledger, () => stopped),
      );
      await sleep(20 + options.random() * 700);
      kills.push(Date.now());
      await relay.stop('SIGKILL');
      stopped = true;
      await Promise.all(clients);
      restarts.push(await relay.start());
    }
    sink.faults = { defer: 0, cut: 0 };
    await untilEmpty(relay);
    return report(ledger, sink, kills, restarts, options.cycles);
  } finally {
    await relay.stop('SIGKILL');
    await sink.close();
    relay.remove();
  }
}

/** Waits until the spool has nothing left to deliver. */
export async function untilEmpty(relay: RelayProcess, minutes = 3): Promise<void> {
  const end = Date.now() + minutes * 60_000;
  for (;;) {
    const { spool } = JSON.parse(relay.cli('status', '--json')) as {
      spool: { queued: number; held: number };
    };
    if (spool.queued === 0 && spool.held === 0) return;
    if (Date.now() > end) throw new Error(`still in the spool: ${JSON.stringify(spool)}`);
    await sleep(500);
  }
}

function report(
  ledger: Ledger,
  sink: CrashSink,
  kills: number[],
  restarts: number[],
  cycles: number,
): KillReport {
  const known = new Map([...ledger.accepted, ...ledger.uncertain]);
  const altered: string[] = [];
  const unexplained: string[] = [];
  let duplicates = 0;
  for (const [id, arrival] of sink.arrivals) {
    if (arrival.bodyHash !== known.get(id)?.bodyHash || arrival.subject !== id || !arrival.signed)
      altered.push(id);
    if (arrival.times === 1) continue;
    duplicates += arrival.times - 1;
    // each copy but the last must have been on its way when the relay was killed
    for (const at of arrival.at.slice(0, -1)) {
      if (!kills.some((kill) => kill >= at - 50 && kill <= at + SETTLE_MS)) unexplained.push(id);
    }
  }
  const uncertainDelivered = [...ledger.uncertain.keys()].filter((id) => sink.arrivals.has(id)).length;
  restarts.sort((a, b) => a - b);
  return {
    cycles,
    accepted: ledger.accepted.size,
    lost: [...ledger.accepted.keys()].filter((id) => !sink.arrivals.has(id)),
    altered,
    duplicates,
    unexplained,
    uncertainDelivered,
    uncertainNotDelivered: ledger.uncertain.size - uncertainDelivered,
    restartMs: {
      median: Math.round(restarts[restarts.length >> 1] ?? 0),
      most: Math.round(restarts.at(-1) ?? 0),
    },
    refusals: Object.fromEntries(ledger.refused),
  };
}
