import { styleText } from 'node:util';
import { firstMessage } from './first-message.ts';
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
  if (facts.demo) lines.push(...firstMessageLines(facts, facts.demo, dim));
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

function firstMessageLines(
  { listening, apiAddress }: SummaryFacts,
  demo: DemoCredentials,
  dim: (text: string) => string,
): string[] {
  const { swaks, curl } = firstMessage(listening, apiAddress, demo);
  const lines: string[] = [];
  if (swaks !== undefined) lines.push(dim('  A first message by SMTP:'), '', indented(swaks), '');
  lines.push(dim('  or by HTTP:'), '', indented(curl), '');
  return lines;
}

const indented = (text: string): string => text.replaceAll(/^/gm, '  ');
