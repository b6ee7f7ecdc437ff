import type { ApiContext } from '../context.ts';
import { domainAttention } from './domain-checks.ts';
import type { Attention } from './item.ts';
import {
  alertAttention,
  certificateAttention,
  destinationAttention,
  edgeAttention,
  recordAttention,
  routeAttention,
  spoolAttention,
} from './relay-checks.ts';
import {
  containmentAttention,
  credentialAttention,
  exceptionAttention,
  heldAttention,
  newcomerAttention,
  recertificationAttention,
} from './source-checks.ts';

interface Check {
  name: string;
  /** How long what it found is told, milliseconds: long for what goes through everything there is. */
  keepMs: number;
  look(context: ApiContext): Attention[] | Promise<Attention[]>;
}

const CHECKS: readonly Check[] = [
  { name: 'spool', keepMs: 3000, look: spoolAttention },
  { name: 'routes', keepMs: 3000, look: routeAttention },
  { name: 'certificate', keepMs: 60_000, look: certificateAttention },
  { name: 'alerts', keepMs: 3000, look: alertAttention },
  { name: 'destinations', keepMs: 3000, look: destinationAttention },
  { name: 'records', keepMs: 3000, look: recordAttention },
  { name: 'edge', keepMs: 3000, look: edgeAttention },
  { name: 'domains', keepMs: 10_000, look: domainAttention },
  { name: 'containment', keepMs: 3000, look: containmentAttention },
  { name: 'held', keepMs: 20_000, look: heldAttention },
  { name: 'credentials', keepMs: 60_000, look: credentialAttention },
  { name: 'exceptions', keepMs: 10_000, look: exceptionAttention },
  { name: 'newcomers', keepMs: 5000, look: newcomerAttention },
  { name: 'recertification', keepMs: 60_000, look: recertificationAttention },
];

const GRAVITY = { critical: 0, warning: 1, info: 2 } as const;

/** What needs attention, worst first; looked at when somebody asks, and for all who ask together. */
export class AttentionBoard {
  readonly #context: ApiContext;
  readonly #found = new Map<string, { until: number; items: Promise<Attention[]> }>();

  constructor(context: ApiContext) {
    this.#context = context;
  }

  async items(): Promise<Attention[]> {
    const found = await Promise.all(CHECKS.map((check) => this.#look(check)));
    return found
      .flat()
      .sort((a, b) => GRAVITY[a.severity] - GRAVITY[b.severity] || (b.since ?? 0) - (a.since ?? 0));
  }

  #look(check: Check): Promise<Attention[]> {
    const now = this.#context.clock.monotonic();
    const known = this.#found.get(check.name);
    if (known && known.until > now) return known.items;
    const items = this.#run(check);
    this.#found.set(check.name, { until: now + check.keepMs, items });
    return items;
  }

  /** One thing that can not be looked at must not hide all others. */
  async #run({ name, look }: Check): Promise<Attention[]> {
    try {
      return await look(this.#context);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [
        {
          kind: 'check-failed',
          severity: 'warning',
          sentence: `It can not be told whether all is well with ${name}: ${reason}`,
          parameters: { check: name, reason },
          subject: { type: 'relay', name },
          action: { console: '/settings', command: 'postern status' },
        },
      ];
    }
  }
}
