import type { EventSink } from '../journal/event.ts';
import type { KeptTranscript, TranscriptSink } from '../journal/transcript.ts';
import type { RefusalFacts, Reply } from '../smtp/reply.ts';
import type {
  SessionSummary,
  SessionView,
  TlsFacts,
  TlsFailure,
  Transcript,
} from '../smtp/server/handler.ts';
import { tlsCause } from '../smtp/server/tls-cause.ts';
import type { Identity } from '../sources/source.ts';
import { cipherFamilies } from './cipher-families.ts';

const LONGEST_FACT = 320;

/** Writes down how the sessions of a listener went: refusals, failed handshakes, endings, what was said. */
export class SessionJournal {
  readonly #events: EventSink;
  readonly #transcripts: TranscriptSink | undefined;

  /** @param transcripts absent: what was said is not kept */
  constructor(events: EventSink, transcripts: TranscriptSink | undefined) {
    this.#events = events;
    this.#transcripts = transcripts;
  }

  refused(session: SessionView, reply: Reply, command: string): void {
    this.#events.write({
      type: 'refusal',
      session: session.id,
      listener: session.listener.name,
      network: session.address,
      tls: tlsText(session.tls),
      source: sourceOf(session),
      code: reply.refusal,
      reply: `${reply.code} ${reply.enhanced ?? ''} ${String(reply.text)}`.replace(/ {2,}/g, ' '),
      text: reply.explanation,
      detail: { command, hello: session.hello, ...boundedFacts(reply) },
    });
  }

  tlsFailed(session: SessionView, failure: TlsFailure): void {
    this.#events.write({
      type: 'tls-failure',
      session: session.id,
      listener: session.listener.name,
      network: session.address,
      code: 'T204',
      outcome: tlsCause(failure),
      text: failure.text,
      detail: { ...failure },
    });
  }

  closed(session: SessionView, summary: SessionSummary): void {
    const transcript = this.#transcripts && session.transcript?.();
    if (transcript) this.#transcripts?.keep(describeSession(session, transcript, summary.ending));
    this.#events.write({
      type: 'connection',
      session: session.id,
      listener: session.listener.name,
      network: session.address,
      tls: tlsText(session.tls),
      source: sourceOf(session),
      outcome: summary.ending,
      size: summary.bytesReceived,
      detail: {
        hello: session.hello,
        durationMs: Math.round(summary.durationMs),
        commands: summary.commands,
        messages: summary.messagesAccepted,
        ...abilities(session, summary),
      },
    });
  }
}

/** A session that has a transcript, as it is kept. @param ending empty while it goes on */
export function describeSession(
  session: SessionView,
  { lines, omitted, messages }: Transcript,
  ending: string,
): KeptTranscript {
  return {
    session: session.id,
    at: session.startedAt,
    network: session.address,
    port: session.port,
    listener: session.listener.name,
    source: sourceOf(session),
    hello: session.hello,
    tls: tlsText(session.tls),
    ending,
    lines,
    omitted,
    messages,
  };
}

export function tlsText(tls: Pick<TlsFacts, 'version' | 'cipher'> | undefined): string | undefined {
  return tls && `${tls.version} ${tls.cipher}`;
}

function sourceOf({ identity }: SessionView): string | undefined {
  return (identity as Identity | undefined)?.source.id;
}

/** What the client showed that it can; absent where there is nothing to say. */
function abilities(
  { tls }: SessionView,
  { chunking, bareLineEnds }: SessionSummary,
): Record<string, unknown> {
  const { offeredVersions: versions, offeredCiphers } = tls?.offered ?? {};
  return {
    ...(versions && { offered: { versions, families: cipherFamilies(offeredCiphers ?? []) } }),
    ...(chunking && { chunking }),
    ...(bareLineEnds && { bareLineEnds }),
  };
}

/** For the journal: an address of a client may be as long as a line, and one in a header as long as that. */
export function boundedFacts({ facts = {} }: Pick<Reply, 'facts'>): RefusalFacts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, LONGEST_FACT) : value,
    ]),
  );
}
