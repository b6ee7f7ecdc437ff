import type { BodyOf } from '../../api/client.ts';
import type { AlertChannel } from '../../api/schema.ts';

export type Kind = AlertChannel['kind'];
type Settings = BodyOf<'/alert-channels/{name}', 'put'>['settings'];

/** A channel as the form holds it. What is empty of a secret stays as it was. */
export interface ChannelValues {
  name: string;
  enabled: boolean;
  minimumSeverity: AlertChannel['minimumSeverity'];
  kind: Kind;
  to: string[];
  url: string;
  host: string;
  port: number | string;
  allowPrivate: boolean;
  /** PEM. */
  ca: string;
  certificate: string;
  privateKey: string;
  /** `name: value`, one a line. */
  headers: string;
  metricsSeconds: number | string;
  /** Events of the journal are sent too. */
  stream: boolean;
}

/** What stands in the form at first. @param channel absent: a new one */
export function channelValues(channel: AlertChannel | undefined): ChannelValues {
  const [, server = '', port = ''] = /^(.*):(\d+)$/.exec(channel?.address ?? '') ?? [];
  const isSyslog = channel?.kind === 'syslog';
  return {
    name: channel?.name ?? '',
    enabled: channel?.enabled ?? true,
    minimumSeverity: channel?.minimumSeverity ?? 'warning',
    kind: channel?.kind ?? 'mail',
    to: channel?.to ?? [],
    url: channel?.kind === 'otlp' ? (channel.address ?? '') : '',
    // an address of IPv6 stands in brackets before its port
    host: isSyslog ? server.replace(/^\[(.*)\]$/, '$1') : '',
    port: isSyslog && port !== '' ? Number(port) : 6514,
    allowPrivate: channel?.allowPrivate ?? false,
    ca: channel?.ca ?? '',
    certificate: '',
    privateKey: '',
    headers: '',
    metricsSeconds: channel?.metricsSeconds ?? 0,
    stream: channel?.events !== undefined,
  };
}

/** What the form does not show stays as it was. */
export function settingsOf(values: ChannelValues, channel: AlertChannel | undefined): Settings {
  const { kind, to, url, host, port, allowPrivate, certificate, privateKey } = values;
  if (kind === 'mail') return { kind, to };
  const reached = { allowPrivate, ca: values.ca.trim() === '' ? undefined : values.ca };
  const events = values.stream
    ? ((channel?.events ?? {}) as Extract<Settings, { kind: 'syslog' }>['events'])
    : undefined;
  if (kind === 'syslog') {
    const { facility, enterprise } = channel ?? {};
    return {
      kind,
      ...reached,
      host: host.trim(),
      port: Number(port),
      facility,
      enterprise,
      events,
      clientCertificate: certificate.trim() === '' ? undefined : { certificate, privateKey },
    };
  }
  if (kind === 'otlp') {
    return {
      kind,
      ...reached,
      url: url.trim(),
      logs: channel?.logs,
      metricsSeconds: Number(values.metricsSeconds),
      headers: headersOf(values.headers),
      events,
    };
  }
  return { kind, ...reached, url: url.trim() };
}

function headersOf(text: string): Record<string, string> | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return undefined;
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':');
      return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
