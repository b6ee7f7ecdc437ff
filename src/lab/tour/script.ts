/** What the tour does and shows, step by step: one script for the terminal and for the console. */
import { LURE_LINK } from '../actors/attacks.ts';
import type { TourTexts } from './texts.ts';

export const RULE = 'RejectDirectSend';
const POLICY = 'DmarcPolicy';
export const DOMAIN = 'contoso.test';
const POLICY_NAME = `_dmarc.${DOMAIN}`;
export const PAYROLL = 'Payroll service';

export type StepName = keyof TourTexts['steps'];

/** One thing that is done or shown. */
export type Part = (
  | { kind: 'note'; note: string /** Only where what was sent before it was taken. */; ifTaken?: boolean }
  /** How the tenant is set. */
  | { kind: 'facts' }
  /** Who has used Direct Send. */
  | { kind: 'senders' }
  /** What may be done next, here and at home. */
  | { kind: 'outlook' }
  /** Where the QR code leads. */
  | { kind: 'link'; address: string }
  /** A TXT record of the lab's DNS. */
  | { kind: 'record'; name: string }
  | { kind: 'set'; setting: string; value: boolean | string /** As PowerShell has it. */; command?: string }
  | { kind: 'switch'; connector: string; enabled: boolean }
  | {
      kind: 'send';
      actor: string;
      /** What the step tells; where it goes another way, that is said instead of passed over. */
      taken: boolean;
      /** What the front door wrote into it is shown; `heading` is a note above. */
      fields?: boolean;
      heading?: string;
      /** A presenter may want to talk before it goes on. */
      rest?: boolean;
    }
) & {
  /** Left out where the tenant has no connector of this name: a new one would be left behind. */
  ifConnector?: string;
};

const note = (name: string, more: Partial<Extract<Part, { kind: 'note' }>> = {}): Part => ({
  kind: 'note',
  note: name,
  ...more,
});
const taken = (actor: string, more: Partial<Extract<Part, { kind: 'send' }>> = {}): Part => ({
  kind: 'send',
  actor,
  taken: true,
  ...more,
});
const refused = (actor: string, more: Partial<Extract<Part, { kind: 'send' }>> = {}): Part => ({
  kind: 'send',
  actor,
  taken: false,
  rest: true,
  ...more,
});

export const SCRIPT: readonly { name: StepName; parts: readonly Part[] }[] = [
  { name: 'tenant', parts: [{ kind: 'facts' }] },
  { name: 'printer', parts: [taken('printer-direct', { fields: true }), note('spf', { ifTaken: true })] },
  {
    name: 'lure',
    parts: [
      taken('voicemail-lure', { fields: true }),
      note('verdict', { ifTaken: true }),
      { kind: 'link', address: LURE_LINK },
      note('code'),
    ],
  },
  {
    name: 'inventory',
    parts: [
      taken('newsletter-bare', { rest: true }),
      taken('forwarder', { rest: true }),
      note('list'),
      { kind: 'senders' },
      note('find'),
    ],
  },
  {
    name: 'reject',
    parts: [
      { kind: 'set', setting: RULE, value: true, command: `Set-OrganizationConfig -${RULE} $true` },
      note('again'),
      refused('voicemail-lure'),
      refused('printer-direct'),
      refused('newsletter-bare'),
      refused('forwarder'),
      note('spared'),
      taken('newsletter'),
    ],
  },
  { name: 'relay', parts: [taken('printer-relay', { fields: true, heading: 'signed' })] },
  {
    name: 'application',
    parts: [
      { kind: 'switch', connector: PAYROLL, enabled: false, ifConnector: PAYROLL },
      note('off', { ifConnector: PAYROLL }),
      refused('application', { ifConnector: PAYROLL }),
      { kind: 'switch', connector: PAYROLL, enabled: true, ifConnector: PAYROLL },
      note('on', { ifConnector: PAYROLL }),
      taken('application', { fields: true }),
    ],
  },
  {
    name: 'header',
    parts: [
      taken('foreign-envelope', { fields: true }),
      note('taken', { ifTaken: true }),
      { kind: 'set', setting: POLICY, value: 'reject' },
      note('published'),
      { kind: 'record', name: POLICY_NAME },
      refused('foreign-envelope'),
      note('moved'),
      taken('printer-relay', { rest: true }),
      note('lookalike'),
      taken('lookalike', { fields: true }),
    ],
  },
  { name: 'next', parts: [{ kind: 'outlook' }] },
];

/** How the tenant has to be set at the beginning, so that each step shows what it tells. */
export const AS_FOUND: readonly (readonly [name: string, value: boolean | string])[] = [
  [RULE, false],
  [POLICY, 'none'],
  ['HonorDmarcPolicy', 'reject'],
  ['MxPointsToUs', true],
  ['OwnDomainSpoof', 'off'],
  ['DisplayNameSpoof', 'off'],
];

/** How the tenant is set when a step begins, for whoever does not go through all that come before. */
export function settingsBefore(step: StepName): Record<string, boolean | string> {
  const settings: Record<string, boolean | string> = Object.fromEntries(AS_FOUND);
  for (const { name, parts } of SCRIPT) {
    if (name === step) break;
    for (const part of parts) if (part.kind === 'set') settings[part.setting] = part.value;
  }
  return settings;
}
