import type { DemoCredentials } from './first-run.ts';

/** Commands that send a first message, to be pasted into a terminal of the relay's machine. */
export interface FirstMessage {
  /** By SMTP; absent where no listener takes passwords under STARTTLS. */
  swaks?: string;
  /** By HTTP. */
  curl: string;
}

/** @param apiAddress `http://127.0.0.1:8025` */
export function firstMessage(
  listening: readonly { address: string; tls: string }[],
  apiAddress: string,
  { account, password, apiKey, domain }: DemoCredentials,
): FirstMessage {
  const smtp =
    listening.find(({ tls }) => tls === 'starttls') ??
    listening.find(({ tls }) => tls === 'starttls-required');
  // the certificate of a first start is its own
  const insecure = apiAddress.startsWith('https:') ? ' --insecure' : '';
  return {
    ...(smtp && {
      swaks:
        `swaks --server ${smtp.address} --tls --auth PLAIN --auth-user ${account} --auth-password ${password} \\\n` +
        `  --from app@${domain} --to you@${domain} --header 'Subject: First message'`,
    }),
    curl:
      `curl${insecure} ${apiAddress}/v1/messages -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' \\\n` +
      `  -d '{"from":"app@${domain}","to":["you@${domain}"],"subject":"First message","text":"It works."}'`,
  };
}
