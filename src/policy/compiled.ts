import { readAuthor } from '../message/from-header.ts';
import type { Source, SourcePolicy } from '../sources/source.ts';
import { compilePattern, PatternError, type Pattern } from './pattern.ts';

/** A single address that an administrator wrote, as it is put into messages. */
export interface PlainAddress {
  address: string;
  /** A-labels, lower case. */
  domain: string;
}

/** A policy ready to be asked: patterns as functions, addresses read. */
export interface CompiledPolicy {
  policy: SourcePolicy;
  pairs: { envelope: Pattern; header: Pattern }[];
  recipients: Pattern[];
  missingFrom: PlainAddress | undefined;
  headerFrom: PlainAddress | undefined;
}

/** Patterns and addresses that the API should not have let in match nothing and change nothing. */
export function compilePolicy(policy: SourcePolicy): CompiledPolicy {
  return {
    policy,
    pairs: policy.pairs.map(({ envelope, header }) => ({
      envelope: compileOrNothing(envelope),
      header: compileOrNothing(header),
    })),
    recipients: policy.recipients.patterns.map(compileOrNothing),
    missingFrom: plainAddress(policy.repair.missingFrom),
    headerFrom: plainAddress(policy.rewrite.headerFrom),
  };
}

function compileOrNothing(pattern: string): Pattern {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof PatternError) return () => false;
    throw error;
  }
}

function plainAddress(text: string): PlainAddress | undefined {
  const reading = readAuthor(text);
  if (!reading.ok || reading.mailbox.displayName !== '' || reading.mailbox.phrase !== '') return undefined;
  return { address: reading.mailbox.address, domain: reading.mailbox.domain };
}

/** Compiled policies by source, each made once a version; they go when their source goes. */
export class CompiledPolicies {
  readonly #cache = new WeakMap<Source, { version: number; compiled: CompiledPolicy }>();

  of(source: Source): CompiledPolicy {
    const known = this.#cache.get(source);
    if (known?.version === source.version) return known.compiled;
    const compiled = compilePolicy(source.policy);
    this.#cache.set(source, { version: source.version, compiled });
    return compiled;
  }
}
