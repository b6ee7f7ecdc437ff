import type { Level, Mode } from './containment.ts';
import type { Deviation } from './deviation.ts';
import type { Hour, NormalRecord } from './normal.ts';

/** What is kept of a source over a restart. */
export interface Stored {
  normal: NormalRecord;
  level: Level;
  levelAt: number;
  deviations: Deviation[];
  doubtful: Hour[];
  mode: Mode | undefined;
}

interface HourRecord extends Omit<Hour, 'networks' | 'domains'> {
  networks: [string, number][];
  domains: [string, number][];
}

export function writeStored(stored: Stored): string {
  const doubtful: HourRecord[] = stored.doubtful.map((hour) => ({
    ...hour,
    networks: [...hour.networks],
    domains: [...hour.domains],
  }));
  return JSON.stringify({ ...stored, doubtful });
}

/** @throws SyntaxError for what `writeStored` has not written */
export function readStored(text: string): Stored {
  const record = JSON.parse(text) as Omit<Stored, 'doubtful'> & { doubtful: HourRecord[] };
  return {
    ...record,
    doubtful: record.doubtful.map((hour) => ({
      ...hour,
      networks: new Map(hour.networks),
      domains: new Map(hour.domains),
    })),
  };
}
