import { styleText } from 'node:util';
import type { DemoCredentials } from './first-run.ts';
import type { SetupLink } from './people/setup-links.ts';
import type { Listening } from './relay.ts';

export interface SummaryFacts {
  version: string;
  listening: Listening[];
  apiAddress: string;
  /** Where people open the console; absent: it is switched off. */
  console?: string;
  /** Makes the first owner account. */
  setupLink?: SetupLink;
  data: string;
  configFile?: string;
  demo?: DemoCredentials;
  /** No route is set. */
  sandboxOnly: boolean;
  readyMs: number;
  colour: boolean;
}

const TLS_TEXT: Record<string, string> = {
  none: 'no TLS',
  starttls: 'STARTTLS',
  'starttls-required': 'STARTTLS required',
  implicit: 'TLS',
};

/** What a start tells: where it listens, where data is, what to paste, and where mail goes. */
export function summary(facts: SummaryFacts): string {
  const bold = (text: string): string => (facts.colour ? styleText('bold', text) : text);
  const dim = (text: string): string => (facts.colour ? styleText('dim', text) : text);
  const lines = [
    '',
    bold(`Postern ${facts.version}`) + dim(`  ready in ${Math.round(facts.readyMs)} ms`),
    '',
  ];
  const width = Math.max(...facts.listening.map(({ name }) => name.length), 'API'.length) + 2;
  for (const { name, address, tls } of facts.listening) {
    lines.push(`  ${name.padEnd(width)}${address.padEnd(22)}${dim(TLS_TEXT[tls] ?? tls)}`);
  }
  lines.push(`  ${'API'.padEnd(width)}${facts.apiAddress}${dim('  /docs, /v1/messages, /metrics')}`);
  lines.push(
    `  ${'data'.padEnd(width)}${facts.data}${dim(`  configuration: ${facts.configFile ?? 'defaults'}`)}`,
    '',
  );
  if (facts.console !== undefined) lines.push(...consoleLines(facts.console, facts.setupLink, bold, dim));
  if (facts.demo) lines.push(...firstMessage(facts, facts.demo, dim));
  if (facts.sandboxOnly) {
    lines.push(
      `  ${bold('All mail goes to the sandbox inbox')}: nothing leaves until a route is set (postern route set).`,
    );
    lines.push(
      `  Look at it with  ${bold('npx postern inbox')}  or live with  ${bold('npx postern inbox --follow')}`,
      '',
    );
  }
  return `${lines.join('\n')}\n`;
}

function consoleLines(
  address: string,
  setupLink: SetupLink | undefined,
  bold: (text: string) => string,
  dim: (text: string) => string,
): string[] {
  if (!setupLink) return [`  ${bold('Console')}  ${address}/`, ''];
  return [
    `  ${bold('Open the console')}${dim(' and make your account (once, within the hour; another link: npx postern console):')}`,
    '',
    `  ${address}/welcome#${setupLink.token}`,
    '',
  ];
}

function firstMessage(
  { listening, apiAddress }: SummaryFacts,
  demo: DemoCredentials,
  dim: (text: string) => string,
): string[] {
  const { account, password, apiKey, domain } = demo;
  const smtp =
    listening.find(({ tls }) => tls === 'starttls') ??
    listening.find(({ tls }) => tls === 'starttls-required');
  const lines: string[] = [];
  if (smtp) {
    lines.push(
      dim('  A first message by SMTP:'),
      '',
      `  swaks --server ${smtp.address} --tls --auth PLAIN --auth-user ${account} --auth-password ${password} \\`,
      `    --from app@${domain} --to you@${domain} --header 'Subject: First message'`,
      '',
    );
  }
  const insecure = apiAddress.startsWith('https:') ? ' --insecure' : '';
  lines.push(
    dim('  or by HTTP:'),
    '',
    `  curl${insecure} ${apiAddress}/v1/messages -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' \\`,
    `    -d '{"from":"app@${domain}","to":["you@${domain}"],"subject":"First message","text":"It works."}'`,
    '',
  );
  return lines;
}
