import type { z } from 'zod';
import type { Alert } from '../alerts/alert.ts';
import type { Channel } from '../alerts/channel.ts';
import type { Mute } from '../alerts/mute.ts';
import type { Dispatch } from '../alerts/stored-alerts.ts';
import type { alertShape, channelShape, messageShape, muteShape } from './alert-shapes.ts';
import type { ApiContext } from './context.ts';

const nameOf = (context: ApiContext, source: string | undefined) =>
  source === undefined ? undefined : context.sources.byId(source)?.name;

export function showAlert(context: ApiContext, alert: Alert): z.infer<typeof alertShape> {
  const { key: _key, ...shown } = alert;
  const muted = alert.state === 'open' && context.alerts.settings.isMuted(alert);
  return { ...shown, sourceName: nameOf(context, alert.source), muted };
}

export function showMessage(message: Dispatch): z.infer<typeof messageShape> {
  const { notice, nextAttemptAt, ...shown } = message;
  return {
    ...shown,
    kind: notice.kind,
    count: notice.alert.count,
    nextAttemptAt: message.state === 'pending' ? nextAttemptAt : undefined,
  };
}

export function showMute(context: ApiContext, mute: Mute): z.infer<typeof muteShape> {
  return { ...mute, sourceName: nameOf(context, mute.source) };
}

/**
 * The channel without anything that opens a door: of an incoming webhook only the server is shown, and of no address
 * its query, in which many services want a key.
 */
export function showChannel(context: ApiContext, channel: Channel): z.infer<typeof channelShape> {
  const { settings, name, enabled, minimumSeverity } = channel;
  const common = {
    name,
    enabled,
    minimumSeverity,
    kind: settings.kind,
    trouble: context.alerts.troubleOf(name),
  };
  if (settings.kind === 'mail') return { ...common, to: settings.to };
  const { allowPrivate, ca } = settings;
  const reached = { ...common, allowPrivate, ca };
  switch (settings.kind) {
    case 'webhook':
      return { ...reached, address: withoutQuery(settings.url) };
    case 'teams':
    case 'slack':
      return { ...reached, address: `${new URL(settings.url).origin}/…` };
    case 'syslog': {
      const { host, port, facility, enterprise, events } = settings;
      const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      const clientCertificate = settings.clientCertificate !== undefined;
      return { ...reached, address, facility, enterprise, clientCertificate, events };
    }
    case 'otlp': {
      const { url, headers = {}, logs, metricsSeconds, events } = settings;
      const address = withoutQuery(url);
      return { ...reached, address, headers: Object.keys(headers), logs, metricsSeconds, events };
    }
  }
}

function withoutQuery(text: string): string {
  const at = text.indexOf('?');
  return at < 0 ? text : `${text.slice(0, at)}?…`;
}
