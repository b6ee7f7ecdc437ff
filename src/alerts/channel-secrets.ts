import type { Random } from '../platform/random.ts';
import type { Seal } from '../store/seal.ts';
import type { Channel, SettingsOf } from './channel.ts';
import { SECRET_PREFIX } from './webhook.ts';

type Settings = Channel['settings'];
type Change = (secret: string, purpose: string) => string;

/** The channel with each of its secrets changed; the purpose ties a sealed one to its place. */
function withSecrets(channel: Channel, change: Change): Channel {
  const { name, settings } = channel;
  const at = (place: string) => `alert-channel:${name}:${place}`;
  return { ...channel, settings: changed(settings, (secret, place) => change(secret, at(place))) };
}

function changed(settings: Settings, change: Change): Settings {
  switch (settings.kind) {
    case 'webhook':
      return { ...settings, secret: settings.secret && change(settings.secret, 'secret') };
    case 'teams':
    case 'slack':
      // who knows the address may post
      return { ...settings, url: change(settings.url, 'url') };
    case 'syslog': {
      const { clientCertificate } = settings;
      return {
        ...settings,
        clientCertificate: clientCertificate && {
          ...clientCertificate,
          privateKey: change(clientCertificate.privateKey, 'key'),
        },
      };
    }
    case 'otlp': {
      const { headers } = settings;
      if (!headers) return settings;
      const entries = Object.entries(headers).map(([name, value]) => [name, change(value, `header:${name}`)]);
      return { ...settings, headers: Object.fromEntries(entries) as Record<string, string> };
    }
    case 'mail':
      return settings;
  }
}

/** For the control store. The result has its own form: `openSecrets` reads it, no schema does. */
export function sealSecrets(channel: Channel, seal: Seal): Channel {
  return withSecrets(channel, (secret, purpose) => seal.seal(secret, purpose));
}

/** @throws when the key is another one */
export function openSecrets(channel: Channel, seal: Seal): Channel {
  return withSecrets(channel, (sealed, purpose) => seal.open(sealed, purpose));
}

/**
 * An edit need not repeat secrets. Those that are handed over to the server are kept only while it is the same one:
 * otherwise an edit of the address would carry a token to somebody else.
 */
export function withKeptSecrets(channel: Channel, before: Channel | undefined): Channel {
  const { settings } = channel;
  const old = before?.settings;
  if (settings.kind === 'webhook' && old?.kind === 'webhook') {
    return { ...channel, settings: { ...settings, secret: settings.secret ?? old.secret } };
  }
  if (settings.kind === 'otlp' && old?.kind === 'otlp' && originOf(settings.url) === originOf(old.url)) {
    return { ...channel, settings: { ...settings, headers: settings.headers ?? old.headers } };
  }
  if (settings.kind === 'syslog' && old?.kind === 'syslog' && serverOf(settings) === serverOf(old)) {
    const clientCertificate = settings.clientCertificate ?? old.clientCertificate;
    return { ...channel, settings: { ...settings, clientCertificate } };
  }
  return channel;
}

const serverOf = ({ host, port }: SettingsOf<'syslog'>): string => `${host.toLowerCase()} ${port}`;

function originOf(url: string): string {
  return new URL(url).origin;
}

/** 32 octets, as the Standard Webhooks specification writes them. */
export function newSecret(random: Random): string {
  return SECRET_PREFIX + random.bytes(32).toString('base64');
}
