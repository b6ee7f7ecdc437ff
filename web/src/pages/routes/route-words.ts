import type { TFunction } from 'i18next';
import type { Route } from '../../api/schema.ts';

/** Which mail a route takes, in words; empty when it takes all. */
export function conditions({ match }: Route, t: TFunction): string[] {
  const { source, recipientDomain, senderDomain } = match;
  return [
    recipientDomain !== undefined && t('match.recipient', { domain: recipientDomain }),
    source !== undefined && t('match.source', { name: source }),
    senderDomain !== undefined && t('match.sender', { domain: senderDomain }),
  ].filter((text) => text !== false);
}

/** Where a route leads, in words. */
export function targetOf({ target }: Route, t: TFunction): string {
  if (target.kind !== 'smarthost') return t(`to.${target.kind}`);
  const [first] = target.hosts ?? [];
  const host = first ? (first.host.includes(':') ? `[${first.host}]` : first.host) : '';
  return t('to.smarthost', { host: `${host}:${first?.port ?? ''}` });
}
