import type { RecordedEvent } from '../journal/event.ts';
import type { TlsCause } from '../smtp/server/tls-cause.ts';
import { type Change, command, configuration, device, fact, type Refused, remedy } from './change.ts';

/** What would let somebody in who was turned away before it was known what they want to send. */
export function adviseOnAccess(refused: Refused): Change | undefined {
  const { code, events } = refused;
  const newest = events[0];
  if (newest === undefined) return undefined;
  switch (code) {
    case 'C101':
      return configuration(
        'limits.connectionsPerNetwork',
        'Many devices behind one address need more than one.',
      );
    case 'C102':
      return configuration('limits.connections');
    case 'C107':
      return configuration('limits.commandLine', 'Only if it is a device of yours.');
    case 'C108':
      return newest.session === undefined
        ? undefined
        : command(
            code,
            ['postern log --session', { value: newest.session }],
            'The first refusal of the session is the cause; the limit itself is limits.errors.',
          );
    case 'C109':
      return configuration('limits.commands');
    case 'C110':
      return configuration('limits.idleSeconds', 'More often the network between the two loses packets.');
    case 'C111':
      return configuration('limits.sessionSeconds');
    case 'C115':
      return configuration('proxy.from');
    case 'T201':
    case 'T203':
      return exception(refused, 'no-tls', 'Better switch TLS or STARTTLS on in the device.');
    case 'T204':
      return adviseOnTls(refused, newest);
    case 'A301':
      return adviseOnLogin(refused, newest);
    case 'A302':
      return refused.source === undefined && newest.network !== undefined
        ? command(
            code,
            [
              'postern source add',
              { value: nameFor(newest.network) },
              '--network',
              { value: newest.network },
            ],
            'Only if it is a device of yours and can not authenticate; add --from with its sender address. On a listener with learn, postern discovery list shows what it tried.',
          )
        : undefined;
    case 'A303':
      return refused.source === undefined
        ? configuration('guard.failures', 'More likely somebody guesses, or a device has an old password.')
        : rotate(refused, 'The device has an old password, or somebody guesses.');
    case 'A311':
    case 'A312':
      return newest.network === undefined
        ? undefined
        : command(code, ['postern discovery approve', { value: newest.network }]);
    default:
      return undefined;
  }
}

function adviseOnLogin(refused: Refused, newest: RecordedEvent): Change {
  const { code, source } = refused;
  const reason = fact(newest, 'reason') ?? newest.text ?? '';
  if (source === undefined) {
    if (reason.includes('no such account') || reason.includes('no credential of any source')) {
      return command(
        code,
        ['postern discovery list'],
        'Nobody has this account. A listener with learn records such a device, so that it can be approved; if the name is misspelt, correct it in the device.',
      );
    }
    return remedy(code);
  }
  const name = { value: source.name };
  const add = (...options: (string | { value: string })[]): Change =>
    command(code, ['postern source credential add', name, ...options]);
  if (reason.includes('no recoverable password')) {
    return exception(refused, 'cram-md5', 'Better let the device use PLAIN or LOGIN over TLS.');
  }
  if (reason.includes('not count from this network') && newest.network !== undefined) {
    return command(
      code,
      ['postern source credential add', name, '--password --only-from', { value: newest.network }],
      'Only if the device has moved: a stolen password is seen in the same way.',
    );
  }
  if (reason.includes('was revoked')) return add('--password');
  if (reason.includes('another one') || reason.includes('another subject')) {
    return remedy(code, 'The device shows another client certificate than the one that is known.');
  }
  if (reason.includes('password is wrong') || reason.includes('has expired')) {
    return rotate(refused, 'Then enter the new password in the device.');
  }
  return remedy(code);
}

function rotate({ code, source, events }: Refused, caution: string): Change {
  const credential = events[0] && fact(events[0], 'credential');
  const which = credential === undefined ? [] : ['--credential', { value: credential }];
  return command(code, ['postern source rotate', { value: source?.name ?? '' }, ...which], caution);
}

function adviseOnTls(refused: Refused, newest: RecordedEvent): Change {
  const offered = (name: string): string[] => {
    const list = newest.detail?.[name];
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
  };
  switch (newest.outcome as TlsCause | undefined) {
    case 'version': {
      const best = offered('offeredVersions').at(-1);
      if (best === 'TLSv1.1') return exception(refused, 'tls-1.1', OLD);
      if (best === 'TLSv1') return exception(refused, 'tls-1.0', OLD);
      return best === 'TLSv1.2'
        ? configuration('tls.minimumVersion = "TLSv1.2"')
        : device('It speaks no version of TLS that can be allowed: update it, or replace it.');
    }
    case 'cipher': {
      const suites = offered('offeredCiphers');
      if (suites.some((suite) => suite.startsWith('TLS_RSA_WITH_AES')))
        return exception(refused, 'rsa-key-exchange', OLD);
      if (suites.some((suite) => suite.includes('3DES'))) return exception(refused, '3des', OLD);
      return device('It offers no cipher suite that can be allowed: update it, or replace it.');
    }
    case 'certificate':
      return configuration(
        'tls.certificate',
        'The device does not trust the certificate: use one of an authority that it knows, with its chain, or put the certificate of the relay into the device.',
      );
    case 'no-tls':
      return device(
        'It speaks without TLS where TLS is expected: choose STARTTLS for the ports 25 and 587, and TLS (SSL) for 465.',
      );
    case 'left':
    case 'other':
    case undefined:
      return device(
        'It gave up without a word, often because it does not trust the certificate: look at its own log.',
      );
  }
}

const OLD = 'Better update the device: what is old here can be broken by others on the network.';

/** An exception is for somebody, with a reason and an end: the least that makes it work, to be made more precise. */
function exception(refused: Refused, kind: string, caution: string): Change {
  const { code, source, events, contact } = refused;
  const network = events[0]?.network;
  const byNetwork = kind !== 'cram-md5';
  if (byNetwork ? network === undefined : source === undefined) return remedy(code);
  const where = byNetwork ? ['--network', { value: network ?? '' }] : [];
  const whose = source === undefined ? [] : ['--source', { value: source.name }];
  const owner = source === undefined || source.owner === '' ? ['--owner', { value: contact }] : [];
  const terms = ["--reason 'it can do no better'", '--until 90d'];
  return command(code, ['postern exception add', kind, ...where, ...whose, ...owner, ...terms], caution);
}

function nameFor(network: string): string {
  return `device-${network.replaceAll(/[^0-9a-fA-F]+/g, '-').toLowerCase()}`.slice(0, 60);
}
