import { domainOf } from '../../message/envelope.ts';
import { patternProblem } from '../../policy/pattern.ts';
import { DEFAULT_POLICY, type SourcePolicy } from '../source.ts';
import { type Device, pairsOf } from './device.ts';

const MEBIBYTE = 1_048_576;
/** How much more than what was seen a source may do, and the least that it may. */
const MARGIN = 2;
const LEAST = { minute: 5, hour: 20, day: 50 } as const;

/** Whether a domain is one of the organisation's own. */
export type IsInternal = (domain: string) => boolean;

/** A policy that allows what was seen, and what of that no policy can allow. */
export interface Fit {
  policy: SourcePolicy;
  /** One sentence each. */
  remarks: string[];
}

/**
 * The tightest policy under which everything that was seen of a device would have passed: pairs one by one, recipients
 * of the organisation or else one by one, sizes rounded up, rates twice the peaks.
 * @param messageBytes largest message that the relay takes, octets
 */
export function fitPolicy(device: Device, isInternal: IsInternal, messageBytes: number): Fit {
  const remarks: string[] = [];
  const policy: SourcePolicy = {
    ...structuredClone(DEFAULT_POLICY),
    ...senders(device, remarks),
    recipients: recipients(device, isInternal, remarks),
    maxSize: Math.min(messageBytes, Math.max(1, Math.ceil(device.largest / MEBIBYTE)) * MEBIBYTE),
    maxRecipients: Math.max(1, device.mostRecipients),
    connections: Math.max(2, device.mostConnections * MARGIN),
    overLimit: 'defer',
  };
  policy.limits = [
    ...(['minute', 'hour', 'day'] as const).map((per) => ({
      unit: 'messages' as const,
      per,
      most: Math.max(LEAST[per], device.peaks[per].messages * MARGIN),
    })),
    {
      unit: 'bytes',
      per: 'day',
      most: Math.max(policy.maxSize * LEAST.minute, device.peaks.day.bytes * MARGIN),
    },
  ];
  return { policy, remarks };
}

/**
 * Whether an address, taken as a pattern, matches itself and nothing else. A stranger may call itself
 * `*@corp.example` or `corp.example`, which as patterns would be everybody there.
 */
export function isExact(address: string): boolean {
  return /^[^@*\\]+@[^@*\\]+$/.test(address) && patternProblem(address) === undefined;
}

function senders(device: Device, remarks: string[]): Pick<SourcePolicy, 'pairs' | 'nullSender' | 'repair'> {
  const pairs: SourcePolicy['pairs'] = [];
  const repair = { ...DEFAULT_POLICY.repair };
  let nullSender = false;
  for (const seen of pairsOf(device)) {
    // without a From field the relay adds the address of the envelope, if there is only one
    const header = seen.header || seen.envelope;
    const envelope = seen.envelope || seen.header;
    const unfit = [envelope, header].find((address) => !isExact(address));
    if (unfit !== undefined) {
      remarks.push(
        `the sender ${JSON.stringify(unfit)} can be in no policy: it is no full address, or holds special characters; correct it in the device`,
      );
      continue;
    }
    if (seen.envelope === '') nullSender = true;
    if (seen.header === '') {
      if (repair.missingFrom !== '' && repair.missingFrom !== header) {
        remarks.push(
          `messages without From have several senders; ${repair.missingFrom} is added to all of them`,
        );
      } else repair.missingFrom = header;
    }
    if (!pairs.some((pair) => pair.envelope === envelope && pair.header === header)) {
      pairs.push({ envelope, header });
    }
  }
  const { others } = device.seen.pairs;
  if (others > 0) remarks.push(`${others} messages had further senders, which were not remembered`);
  if (pairs.length === 0) remarks.push('no message was seen, so that nothing tells what it sends as');
  return { pairs, nullSender, repair };
}

function recipients(device: Device, isInternal: IsInternal, remarks: string[]): SourcePolicy['recipients'] {
  const { seen, others } = device.seen.recipients;
  const addresses = seen.map(({ value }) => value);
  const inside = addresses.filter((address) => isInternal(domainOf(address)));
  const outside = addresses.filter((address) => !inside.includes(address));
  const patterns = outside.filter(isExact);
  for (const address of outside) {
    if (!isExact(address)) remarks.push(`the recipient ${JSON.stringify(address)} can be in no policy`);
  }
  if (others > 0) {
    remarks.push(
      `${others} recipients more were not remembered; those outside the organisation are not allowed unless you name them`,
    );
  }
  const external = device.seen.recipientDomains.seen.filter(({ value }) => !isInternal(value)).length;
  const allow = inside.length > 0 || external === 0 ? 'internal' : 'listed';
  return { allow, patterns };
}
