import type { Command } from 'commander';
import type { CollectReport, PartReport } from '../../audit/collect/collect.ts';
import type { Part } from '../../audit/collect/collection.ts';
import type { AppCredential } from '../../audit/collect/credential.ts';
import { EXIT, Failure, usage } from '../failure.ts';
import { Output, when } from '../output.ts';
import { duration, ProgressLine } from '../progress.ts';
import { passwordFile, several, textFile, wholeNumber } from '../values.ts';

interface Options {
  tenant: string;
  clientId: string;
  secretFile?: string;
  certificate?: string;
  key?: string;
  folder: string;
  days: string;
  only?: string;
  domain?: string[];
  details: string;
  graphUrl: string;
  loginUrl: string;
  exchangeUrl: string;
  json?: boolean;
}

/** Mail that is younger may not be in the trace yet. */
const SETTLE_MS = 3_600_000;
const TITLES: Record<Part, string> = {
  domains: 'domains',
  organisation: 'settings',
  trace: 'message trace, days',
  hunting: 'advanced hunting, days',
  details: 'details, days',
};

export function auditCollectCommand(audit: Command): void {
  const collecting = audit
    .command('collect')
    .description('fetch evidence into a folder; works without a running relay');
  collecting
    .command('graph')
    .description('fetch the message trace, its details and EmailEvents from Microsoft Graph; run it daily')
    .requiredOption('--tenant <tenant>', 'the tenant: its identifier, or one of its domains')
    .requiredOption('--client-id <id>', 'application (client) ID of the app registration')
    .option('--secret-file <file>', 'file with the client secret (or its value in POSTERN_GRAPH_SECRET)')
    .option('--certificate <file>', 'certificate that is registered with the application, PEM')
    .option('--key <file>', 'its private key, PEM (passphrase in POSTERN_GRAPH_KEY_PASSPHRASE)')
    .option('--folder <folder>', 'where the evidence goes', 'postern-evidence')
    .option('--days <days>', 'how far back, up to 90', '90')
    .option('--only <parts>', 'only these: domains,organisation,trace,hunting,details')
    .option('--domain <domain>', 'a domain of yours; several times', several)
    .option('--details <count>', 'details for so many messages a day of each address and sender, or all', '1')
    .option('--graph-url <url>', 'Microsoft Graph', 'https://graph.microsoft.com')
    .option('--login-url <url>', 'sign-in', 'https://login.microsoftonline.com')
    .option('--exchange-url <url>', 'Exchange Online', 'https://outlook.office365.com')
    .option('--json', 'answer in JSON')
    .action(collectGraph);
}

async function collectGraph(options: Options): Promise<void> {
  const { collect } = await import('../../audit/collect/collect.ts');
  const { CollectError } = await import('../../audit/collect/collect-error.ts');
  const { FetchHttp } = await import('../../audit/collect/http.ts');
  const { systemClock } = await import('../../platform/clock.ts');
  const { systemDisk } = await import('../../platform/disk.ts');
  const { systemRandom } = await import('../../platform/random.ts');
  const out = new Output(options.json ?? false);
  const progress = new ProgressLine();
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort(new Error('interrupted'));
  // timers of the clock keep no process alive, and a pause has nothing else
  const alive = setInterval(() => undefined, 2 ** 30);
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let report: CollectReport;
  try {
    report = await collect(
      {
        app: {
          tenant: tenantOf(options.tenant),
          clientId: clientIdOf(options.clientId),
          credential: await credentialOf(options),
        },
        folder: options.folder,
        days: daysOf(options.days),
        parts: await partsOf(options.only),
        domains: (options.domain ?? []).map(domainOf),
        detailsPerSender: options.details === 'all' ? Infinity : wholeNumber('--details', options.details),
        settleMs: SETTLE_MS,
        graphUrl: urlOf('--graph-url', options.graphUrl),
        loginUrl: urlOf('--login-url', options.loginUrl),
        exchangeUrl: urlOf('--exchange-url', options.exchangeUrl),
        signal: interruption.signal,
        progress: ({ part, done, total, text }) =>
          progress.update(TITLES[part], done, total, text?.slice(0, 10)),
        waiting: (text, ms) => progress.note(`${text}; going on in ${duration(ms)}`),
      },
      { http: new FetchHttp(), disk: systemDisk, clock: systemClock, random: systemRandom },
    );
  } catch (error) {
    if (!(error instanceof CollectError)) throw error;
    throw new Failure(error.message, EXIT.refused, { code: error.code, detail: error.message });
  } finally {
    progress.end();
    clearInterval(alive);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  out.answer(report, () => show(out, report));
  if (report.parts.some(({ outcome }) => outcome === 'failed' || outcome === 'interrupted')) {
    process.exitCode = EXIT.refused;
  }
}

function show(out: Output, { folder, from, to, domains, parts }: CollectReport): void {
  out.table(
    ['PART', 'OUTCOME', 'RECORDS', 'FILES'],
    parts.map(({ part, outcome, rows, files }) => [part, outcome, String(rows), String(files)]),
    'Nothing was asked for.',
  );
  for (const { part, problem, notes } of parts) {
    for (const text of [...(problem === undefined ? [] : [problem]), ...notes]) out.note(`${part}: ${text}`);
  }
  if (parts.some(({ outcome }: PartReport) => outcome === 'interrupted')) {
    out.note('Interrupted. What was fetched is kept; the same command goes on from there.');
  }
  out.fields([
    ['period', `${when(from)} to ${when(to)}`],
    ['domains', domains.join(', ')],
    ['folder', folder],
  ]);
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$/i;

function tenantOf(text: string): string {
  if (!GUID.test(text) && !DOMAIN.test(text)) {
    throw usage(
      '--tenant: expected the identifier of the tenant, or a domain such as contoso.onmicrosoft.com',
    );
  }
  return text.toLowerCase();
}

function clientIdOf(text: string): string {
  if (!GUID.test(text)) throw usage('--client-id: expected the application (client) ID, 8-4-4-4-12 digits');
  return text.toLowerCase();
}

function domainOf(text: string): string {
  if (!DOMAIN.test(text))
    throw usage(`--domain: ${JSON.stringify(text)} is no domain (write it in A-labels)`);
  return text;
}

function daysOf(text: string): number {
  const days = wholeNumber('--days', text);
  if (days < 1 || days > 90) throw usage('--days: expected 1 to 90; Exchange Online remembers no more');
  return days;
}

async function partsOf(text: string | undefined): Promise<Part[] | undefined> {
  if (text === undefined) return undefined;
  const { PARTS } = await import('../../audit/collect/collection.ts');
  return text.split(',').map((name) => {
    const part = PARTS.find((one) => one === name.trim());
    if (part === undefined)
      throw usage(`--only: there is no ${JSON.stringify(name)}; parts are ${PARTS.join(', ')}`);
    return part;
  });
}

/** A secret goes there: without TLS only to this machine. */
function urlOf(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url !== undefined && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url?.protocol !== 'https:' && !(local && url?.protocol === 'http:')) {
    throw usage(`${option}: expected an address that begins with https://`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

async function credentialOf({ clientId, secretFile, certificate, key }: Options): Promise<AppCredential> {
  const { CertificateCredential, SecretCredential } = await import('../../audit/collect/credential.ts');
  if (certificate !== undefined) {
    const { systemRandom } = await import('../../platform/random.ts');
    return new CertificateCredential(
      clientId.toLowerCase(),
      textFile('--certificate', certificate),
      // the two are often in one file
      textFile('--key', key ?? certificate),
      systemRandom,
      process.env['POSTERN_GRAPH_KEY_PASSPHRASE'],
    );
  }
  const secret =
    secretFile === undefined
      ? process.env['POSTERN_GRAPH_SECRET']
      : passwordFile('--secret-file', secretFile);
  if (secret === undefined || secret === '') {
    throw usage('a credential is missing: --certificate with --key, --secret-file, or POSTERN_GRAPH_SECRET');
  }
  return new SecretCredential(secret.trim());
}
