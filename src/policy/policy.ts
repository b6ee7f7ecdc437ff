/**
 * The policy room as acceptance meets it: one question about a complete message, answered with a refusal or with
 * the message as it may leave. The decision is in judgement.ts; here its body repair is carried out, in memory or from
 * file to file.
 */
import type { BodyHash, Signer } from '../authentication/dkim/signer.ts';
import type { BodyRepair } from '../message/body-repair.ts';
import type { Body, Traits } from '../message/content.ts';
import type { Disk } from '../platform/disk.ts';
import { refuse } from '../smtp/reply.ts';
import type { BodyWriter, MessageId, Spool } from '../spool/spool.ts';
import type { CompiledPolicies } from './compiled.ts';
import {
  inLines,
  judge,
  type Allowed,
  type JudgementLimits,
  type Refused,
  type Submission,
} from './judgement.ts';

export type { JudgementLimits, Refused } from './judgement.ts';

/** A message as it may leave. */
export interface Judged extends Omit<Allowed, 'bodyRepair'> {
  body: Body;
  /** Of the body when it was changed; absent: what was made of it on arrival holds. */
  bodyHash?: BodyHash;
}

export interface JudgeRooms {
  policies: CompiledPolicies;
  signer: Pick<Signer, 'hash' | 'hasher'>;
  spool: Pick<Spool, 'newBody'>;
  disk: Pick<Disk, 'open'>;
  /** A repaired body goes to a file of its own name. */
  newId: () => MessageId;
}

const READ_BYTES = 262_144;

export class Judge {
  readonly #rooms: JudgeRooms;
  readonly #limits: JudgementLimits;
  readonly #hostname: string;

  /** @param hostname name of this relay, for a Message-ID that has to be added */
  constructor(rooms: JudgeRooms, limits: JudgementLimits, hostname: string) {
    this.#rooms = rooms;
    this.#limits = limits;
    this.#hostname = hostname;
  }

  /**
   * Answers at once unless a body in a file has to be repaired. `body` of the answer is another file than
   * that of the question then, and both are the caller's to remove.
   * @throws SpoolUnavailable, or the system's error, when the files can't be written or read
   */
  judge(
    message: Omit<Submission, 'hostname'> & { body: Body },
  ): Judged | Refused | Promise<Judged | Refused> {
    const { body } = message;
    const judgement = judge({ ...message, hostname: this.#hostname }, this.#rooms.policies, this.#limits);
    if (judgement.kind === 'refused') return judgement;
    const { bodyRepair, ...allowed } = judgement;
    if (!bodyRepair) return { ...allowed, body };
    if (body.kind === 'file') return this.#repairFile(allowed, bodyRepair, body.path);
    const bytes = Buffer.concat([bodyRepair.feed(body.bytes), bodyRepair.finish()]);
    if (bodyRepair.failure) return unrepairable(bodyRepair);
    const { traits, bodyTraits } = bodyRepair;
    const bodyHash = this.#rooms.signer.hash(bytes, bodyTraits.looseSpace);
    const envelope = inLines(allowed.envelope, traits);
    return { ...allowed, envelope, body: { kind: 'memory', bytes }, traits, bodyHash };
  }

  async #repairFile(
    allowed: Omit<Judged, 'body'>,
    repair: BodyRepair,
    path: string,
  ): Promise<Judged | Refused> {
    const { disk, signer, spool, newId } = this.#rooms;
    const source = await disk.open(path, 'read');
    let writer: BodyWriter | undefined;
    try {
      writer = await spool.newBody(newId());
      const hasher = signer.hasher();
      for (let position = 0; !repair.failure; ) {
        const chunk = Buffer.allocUnsafe(READ_BYTES);
        const count = await source.read(chunk, position);
        const octets = count === 0 ? repair.finish() : repair.feed(chunk.subarray(0, count));
        hasher.update(octets);
        await writer.write(octets);
        if (count === 0) break;
        position += count;
      }
      if (repair.failure) {
        await writer.discard();
        return unrepairable(repair);
      }
      const traits: Traits = repair.traits;
      // from here on the writer ends itself
      const finished = writer.finish();
      writer = undefined;
      const body = await finished;
      const envelope = inLines(allowed.envelope, traits);
      return { ...allowed, envelope, body, traits, bodyHash: hasher.digest() };
    } catch (error) {
      await writer?.discard();
      throw error;
    } finally {
      await source.close();
    }
  }
}

function unrepairable({ failure }: BodyRepair): Refused {
  return {
    kind: 'refused',
    reply: refuse(failure!, 'the body must be encoded to fit into lines, and that could change the content'),
  };
}
