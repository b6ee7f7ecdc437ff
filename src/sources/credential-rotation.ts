import { RegistryError } from './registry.ts';
import type { Credential, StoredSecret } from './source.ts';

/** What takes the place of the old secret. */
export type Replacement = { secret: StoredSecret } | { apiKeyHash: string };

/** When the old secret of a rotation stops to work: at a fixed time, or after a time without use. Milliseconds. */
export type RotationEnd = { graceMs: number } | { unusedMs: number };

export type RotationOutcome = 'complete' | 'cancel' | 'lapse';

/**
 * Both sides of a rotation that begins: the old one, marked, and what the new one is made of. All other factors of
 * the new one are those of the old one. An end that the old one already had stays.
 *
 * @throws RegistryError `conflict` when it was revoked, or another rotation has to be ended first.
 */
export function beginRotation(
  before: Credential,
  replacement: Replacement,
  newId: string,
  now: number,
  end: RotationEnd,
): { replaced: Credential; fresh: Omit<Credential, 'createdAt'> } {
  if (before.state === 'revoked') {
    throw new RegistryError('conflict', `credential ${before.id} has been revoked; add a new one`);
  }
  if (before.rotation?.role === 'old' || before.rotation?.unusedMs !== undefined) {
    throw new RegistryError(
      'conflict',
      `credential ${before.id} is being rotated already; complete or cancel that rotation first`,
    );
  }
  if ('secret' in replacement && replacement.secret.argon2id === before.secret?.argon2id) {
    throw new RegistryError('invalid', 'password: is the one that it shall replace', 'password');
  }
  const { label, source, account, networks, certificate, oauth, canary } = before;
  const unusedMs = 'unusedMs' in end ? end.unusedMs : undefined;
  const fixed = 'graceMs' in end ? now + end.graceMs : undefined;
  const times = { startedAt: now, unusedMs };
  return {
    replaced: {
      ...before,
      expiresAt: fixed === undefined ? before.expiresAt : Math.min(before.expiresAt ?? fixed, fixed),
      rotation: { role: 'old', other: newId, ...times },
    },
    fresh: {
      id: newId,
      source,
      label,
      state: 'active',
      account,
      networks,
      certificate,
      oauth,
      canary,
      ...replacement,
      rotation: { role: 'new', other: before.id, ...times },
    },
  };
}

/** A credential as it is when it was revoked, and the other side of its rotation: whichever of both goes, that is over. */
export function revokedWith(before: Credential, other: Credential | undefined): Credential[] {
  const revoked: Credential = { ...before, state: 'revoked', rotation: undefined };
  return other?.rotation?.other === before.id ? [revoked, { ...other, rotation: undefined }] : [revoked];
}

/**
 * Both sides of a rotation that ends. `complete`: the old one is revoked. `cancel`: the new one is, and the old one
 * goes on as before. `lapse`: the old one has reached its fixed end, and nothing more happens to it. Answers only what
 * has changed.
 *
 * @param other the other side; undefined when it is gone.
 * @throws RegistryError `conflict` when there is no rotation, or it can not be cancelled any more.
 */
export function endRotation(
  one: Credential,
  other: Credential | undefined,
  how: RotationOutcome,
): Credential[] {
  const { rotation } = one;
  if (!rotation) {
    throw new RegistryError('conflict', `credential ${one.id} is not being rotated`);
  }
  if (how === 'cancel' && rotation.unusedMs === undefined) {
    throw new RegistryError(
      'conflict',
      `the old secret has a fixed end; revoke the one of both that shall go, and give the other its end with an edit`,
    );
  }
  const goes = { complete: 'old', cancel: 'new', lapse: undefined }[how];
  const ended: Credential[] = [];
  for (const side of [one, other]) {
    // the other side may meanwhile belong to a later rotation
    if (!side?.rotation || (side !== one && side.rotation.other !== one.id)) continue;
    const revoked = side.rotation.role === goes;
    ended.push({ ...side, rotation: undefined, state: revoked ? 'revoked' : side.state });
  }
  return ended;
}
