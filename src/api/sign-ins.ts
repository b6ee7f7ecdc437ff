import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Role } from '../people/role.ts';
import type { SignInMethod } from '../people/sessions.ts';
import type { PersonRow } from '../store/people-rows.ts';
import type { ApiContext } from './context.ts';
import { Site } from './site.ts';

/** How every way of signing in ends: with a session, or with a line in the journal. */
export class SignIns {
  readonly site: Site;
  readonly #context: ApiContext;

  constructor(context: ApiContext) {
    this.site = new Site(context.people.publicUrl);
    this.#context = context;
  }

  /** Whatever session the browser had ends: nobody can have planted the new one. */
  async begin(
    request: FastifyRequest,
    reply: FastifyReply,
    person: Pick<PersonRow, 'id' | 'name' | 'email' | 'role'>,
    method: SignInMethod,
  ) {
    const { people: rooms, journal } = this.#context;
    const before = this.site.cookie(request, 'postern');
    if (before !== undefined) {
      const found = await rooms.sessions.find(before);
      if (found) await rooms.sessions.end(found.session.hash);
    }
    const agent = request.headers['user-agent'] ?? '';
    const value = await rooms.sessions.start(person.id, method, { network: request.ip, agent });
    await rooms.people.signedIn(person.id, request.ip);
    this.site.setCookie(request, reply, 'postern', value);
    journal.write({
      type: 'authentication',
      listener: 'api',
      network: request.ip,
      text: `${person.email} has signed in (${method})`,
      detail: { by: person.email, byId: person.id, method },
    });
    this.record(request, person, `signed in (${method})`);
    const { id, name, email, role } = person;
    const kind = 'person' as const;
    return { person: { kind, id, name, email, role: role as Role, secondFactor: method !== 'password' } };
  }

  /** Says in the audit log what somebody has done who signs in with it. */
  record(
    request: FastifyRequest,
    { id, name, email }: { id: string; name: string; email: string },
    action: string,
  ): void {
    this.#context.people.audit.append({
      actor: { kind: 'person', id, name: `${name} <${email}>` },
      network: request.ip,
      action,
    });
    request.isRecorded = true;
  }

  failed(request: FastifyRequest, reason: string, detail: { account?: string; cause?: string } = {}): void {
    this.#context.journal.write({
      type: 'authentication-failure',
      listener: 'api',
      network: request.ip,
      text: `sign-in refused: ${reason}`,
      detail,
    });
  }
}
