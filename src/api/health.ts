/** How the relay is, and how far it is set up: for the overview. */
import { X509Certificate } from 'node:crypto';
import type { ApiContext } from './context.ts';
import type { Overview } from './overview-shapes.ts';

type Health = NonNullable<Overview['health']>;
type Setup = NonNullable<Overview['setup']>;

export async function healthOf({ domains, health, trial }: ApiContext): Promise<Health> {
  const pem = health.certificate();
  const own = domains.list().filter(({ name }) => name !== trial.domain);
  const problems = health.recordProblems().filter(({ domain }) => domain !== trial.domain);
  const active = own.flatMap(({ keys }) => keys.filter(({ stage }) => stage === 'active'));
  const silent = new Set(problems.filter(({ status }) => status === 'temporary').map(({ domain }) => domain));
  const wrong = new Set(
    problems
      // a key that does not sign keeps nobody's mail from arriving
      .filter(
        ({ purpose, stage, status }) => status !== 'temporary' && (purpose !== 'dkim' || stage === 'active'),
      )
      .map(({ domain }) => domain),
  );
  // the attention that a disk needs which can not be looked at is told there
  const free = await health.freeBytes().catch(() => undefined);
  return {
    certificate: pem === '' ? undefined : certificateOf(pem),
    keys: {
      active: active.length,
      published: active.filter(({ publishedAt }) => publishedAt !== undefined).length,
    },
    dns: { domains: own.length, wrong: wrong.size, silent: silent.size },
    disk: free === undefined ? undefined : { free, minimum: health.minimumFreeBytes },
  };
}

function certificateOf(pem: string): Health['certificate'] {
  const certificate = new X509Certificate(pem);
  return { endsAt: Date.parse(certificate.validTo), selfSigned: certificate.checkIssued(certificate) };
}

/** @param accepted messages in the window that is shown */
export function setupOf({ domains, messages, routes, sources, trial }: ApiContext, accepted: number): Setup {
  const own = domains.list().filter(({ name }) => name !== trial.domain);
  const tried = trial.source();
  return {
    message: accepted > 0 || messages.status().messages > 0,
    domain: own.length > 0,
    dns:
      own.length > 0 &&
      own.every(({ keys }) =>
        keys.some(({ stage, publishedAt }) => stage === 'active' && publishedAt !== undefined),
      ),
    source: sources.list().some(({ id, state }) => id !== tried && state !== 'retired'),
    route: routes.list().length > 0,
  };
}
