import { isAtLeast, type Role } from '../people/role.ts';
import type { Source } from '../sources/source.ts';

export type { Role } from '../people/role.ts';

/** Whether a source is among those that somebody may see and act on. */
export type SourceScope = (source: Pick<Source, 'id' | 'owner'>) => boolean;

/** Who asks. */
export interface Principal {
  /** `root`: the administrator token of the data folder, which makes the first account. */
  kind: 'root' | 'person' | 'token';
  /** `root`, `per_...`, `tok_...` */
  id: string;
  /** For people: stands in every change event. */
  name: string;
  role: Role;
  /** E-mail address of the person. */
  email?: string;
  /** Absent: every source. */
  sources?: SourceScope;
  /** Absent: every group of routes; otherwise the tags of those that a token is for. */
  groups?: readonly string[];
  /** The person behind it, where there is one: who signed in, or whose token it is. */
  person?: string;
  /** Of a person who signed in with a cookie. */
  session?: PrincipalSession;
}

export interface PrincipalSession {
  /** SHA-256 of the cookie's value, hexadecimal. */
  hash: string;
  /** Wall time of the sign-in, milliseconds. */
  createdAt: number;
  /** A second factor, a passkey, or the organisation's own sign-in was part of it. */
  strong: boolean;
}

/** What a route asks of its caller. Without a word: `auditor` to read, `operator` for everything else. */
export interface RouteAccess {
  /** The least role. `anyone`: whoever has signed in, for what concerns themselves. */
  role?: Exclude<Role, 'source-owner'> | 'anyone';
  /** Name of the path parameter that names a source: its source owner may call the route for it too. */
  ownSource?: string;
  /** Source owners may call the route, whose handler shows them only what `mayUseSource` allows. */
  ownSources?: boolean;
  /** Needs no sign-in at all. */
  open?: boolean;
  /** Stops something: done even while the audit log can not be written. A function is asked about the body, which is valid. */
  emergency?: boolean | ((body: unknown) => boolean);
  /** Allowed to who still has to set up a second factor. */
  enrolment?: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig extends RouteAccess {}
  interface FastifyRequest {
    /** Who asks. Not set on routes that are open. */
    principal: Principal;
  }
}

/** Whether a source is among those that this caller may see and act on. */
export function mayUseSource(
  principal: Pick<Principal, 'sources'>,
  source: Pick<Source, 'id' | 'owner'>,
): boolean {
  return principal.sources?.(source) ?? true;
}

/** The least role that a route of this access needs. */
export function neededRole(access: RouteAccess, method: string): NonNullable<RouteAccess['role']> {
  return access.role ?? (isSafe(method) ? 'auditor' : 'operator');
}

/** RFC 9110 §9.2.1 */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Whether a route of this access is open to a caller; which sources it may be called for is another question. */
export function mayCall(
  { role, sources }: Pick<Principal, 'role' | 'sources'>,
  method: string,
  access: RouteAccess,
): boolean {
  const needed = neededRole(access, method);
  if (needed === 'anyone') return true;
  const bySource = access.ownSource !== undefined || access.ownSources === true;
  if (role === 'source-owner') return bySource;
  // who is limited to some sources may not call what is about all of them
  if (sources !== undefined && !bySource) return false;
  return isAtLeast(role, needed);
}
