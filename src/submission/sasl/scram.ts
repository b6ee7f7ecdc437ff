import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SaslExchange, SaslStep } from '../../smtp/server/handler.ts';
import type { StoredSecret } from '../../sources/source.ts';
import { malformed, textOf } from './malformed.ts';

export type ScramKeys = StoredSecret['scram'];

export interface ScramOptions {
  /** The client chose SCRAM-SHA-256-PLUS. */
  plus: boolean;
  /** SCRAM-SHA-256-PLUS was offered in this session. */
  plusOffered: boolean;
  /** Channel binding data by type, or undefined when the type is not supported here. */
  binding(type: string): Buffer | undefined;
  /** Printable, without comma, at least 18 random octets. */
  nonce: string;
  /**
   * The keys of an account, invented ones for an unknown account; or a step that ends the exchange. There are several
   * while its password is being rotated: the challenge has the salt of the first, and the others share it.
   */
  keys(account: string): ScramKeys[] | SaslStep;
  /** What follows from a proof: `proved` are the keys that it is right for, absent when it is wrong. `actFor` is the authorization identity, if one was given. */
  conclude(account: string, proved: ScramKeys | undefined, actFor: string | undefined): Promise<SaslStep>;
}

/** What the first exchange of messages has settled. */
interface Begun {
  account: string;
  actFor: string | undefined;
  keys: ScramKeys[];
  nonce: string;
  /** RFC 5802 §3: AuthMessage, up to the client's final message. */
  transcript: string;
  /** What `c=` must hold. */
  binding: Buffer;
}

/** RFC 5802 §7. `m=` would be a mandatory extension, and there is none that we know. */
const CLIENT_FIRST =
  /^(?<header>(?<flag>n|y|p=(?<type>[A-Za-z0-9.-]{1,64})),(?:a=(?<actFor>[^,]+))?,)(?<bare>n=(?<account>[^,]+),r=(?<nonce>[\x21-\x2b\x2d-\x7e]{1,256})(?:,[A-Za-z]=[^,]+)*)$/s;
const CLIENT_FINAL =
  /^(?<text>c=(?<binding>[A-Za-z0-9+/=]{1,1024}),r=(?<nonce>[\x21-\x2b\x2d-\x7e]{1,512})(?:,[A-Za-z]=[^,]+)*),p=(?<proof>[A-Za-z0-9+/]{43}=)$/s;
const MAX_MESSAGE = 2048;

/** SCRAM-SHA-256 and SCRAM-SHA-256-PLUS, RFC 5802 and RFC 7677. */
export class ScramExchange implements SaslExchange {
  readonly #options: ScramOptions;
  #begun: Begun | undefined;

  constructor(options: ScramOptions) {
    this.#options = options;
  }

  step(response: Buffer | undefined): Promise<SaslStep> | SaslStep {
    if (!response) return { kind: 'challenge', data: Buffer.alloc(0) };
    const text = response.length > MAX_MESSAGE ? undefined : textOf(response);
    if (text === undefined) return malformed('SCRAM message that is not UTF-8, or too long');
    return this.#begun ? this.#finish(this.#begun, text) : this.#begin(text);
  }

  #begin(text: string): SaslStep {
    const found = CLIENT_FIRST.exec(text)?.groups;
    if (!found) return malformed('SCRAM client-first-message can not be read');
    const account = unescapeName(found.account ?? '');
    const actFor = found.actFor === undefined ? undefined : unescapeName(found.actFor);
    if (account === undefined || (found.actFor !== undefined && actFor === undefined)) {
      return malformed('SCRAM name with a bare equals sign');
    }
    const binding = this.#bindingFor(found.flag ?? '', found.type);
    if ('kind' in binding) return binding;

    const all = this.#options.keys(account);
    if ('kind' in all) return all;
    const [first] = all;
    if (!first) throw new Error('an account without SCRAM keys');
    const { salt, iterations } = first;
    const keys = all.filter((one) => one.salt === salt && one.iterations === iterations);
    const nonce = `${found.nonce}${this.#options.nonce}`;
    const serverFirst = `r=${nonce},s=${salt},i=${iterations}`;
    this.#begun = {
      account,
      actFor,
      keys,
      nonce,
      transcript: `${found.bare},${serverFirst}`,
      binding: Buffer.concat([Buffer.from(found.header ?? ''), binding.data]),
    };
    return { kind: 'challenge', data: Buffer.from(serverFirst) };
  }

  /** RFC 5802 §6: what the first letter of the GS2 header says of channel binding, and whether it may be so. */
  #bindingFor(flag: string, type: string | undefined): { data: Buffer } | SaslStep {
    const { plus, plusOffered } = this.#options;
    if (type === undefined) {
      if (plus) return malformed('SCRAM-SHA-256-PLUS without channel binding');
      // the client could have bound, and believes that we can not: somebody has altered the offer on the way
      if (flag === 'y' && plusOffered)
        return malformed('SCRAM offer was altered on the way: downgrade attack');
      return { data: Buffer.alloc(0) };
    }
    if (!plus) return malformed('SCRAM-SHA-256 with channel binding');
    const data = this.#options.binding(type);
    return data ? { data } : malformed(`SCRAM channel binding ${type} is not supported here`);
  }

  async #finish(begun: Begun, text: string): Promise<SaslStep> {
    const found = CLIENT_FINAL.exec(text)?.groups;
    if (!found) return malformed('SCRAM client-final-message can not be read');
    if (found.nonce !== begun.nonce) return malformed('SCRAM nonce is another one');
    const { keys } = begun;
    const authMessage = `${begun.transcript},${found.text}`;
    const proof = Buffer.from(found.proof ?? '', 'base64');
    const bound = sameText(Buffer.from(found.binding ?? '', 'base64'), begun.binding);
    // a binding to another connection is an attack, and counts as a wrong proof
    const proved = keys.filter((one) => proves(proof, one, authMessage) && bound)[0];

    const step = await this.#options.conclude(begun.account, proved, begun.actFor);
    if (step.kind !== 'success') return step;
    const verifier = hmac(Buffer.from(proved?.serverKey ?? '', 'base64'), authMessage).toString('base64');
    return { ...step, data: Buffer.from(`v=${verifier}`) };
  }
}

/** RFC 5802 §3: ClientKey is the proof without the signature, and StoredKey its hash. */
function proves(proof: Buffer, { storedKey }: ScramKeys, authMessage: string): boolean {
  const stored = Buffer.from(storedKey, 'base64');
  const signature = hmac(stored, authMessage);
  const clientKey = Buffer.from(proof.map((octet, i) => octet ^ (signature[i] ?? 0)));
  return sameText(createHash('sha256').update(clientKey).digest(), stored);
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const sameText = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** RFC 5802 §5.1: comma and equals sign are written =2C and =3D, and nothing else begins with an equals sign. */
function unescapeName(text: string): string | undefined {
  if (!text.includes('=')) return text;
  if (/=(?!2C|3D)/.test(text)) return undefined;
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
