import type { Transcript } from '../smtp/server/handler.ts';

/** What was said in one session, and whose it was. */
export interface KeptTranscript extends Transcript {
  session: string;
  /** Wall time of the connection, milliseconds. */
  at: number;
  /** The client's address and port. */
  network: string;
  port: number;
  listener: string;
  source?: string;
  /** What the client called itself. */
  hello: string;
  tls?: string;
  /** How the session ended; empty while it goes on. */
  ending: string;
}

/** Cheap, never throws, never waits. */
export interface TranscriptSink {
  keep(transcript: KeptTranscript): void;
}

export interface Transcripts extends TranscriptSink {
  /** Of one session; undefined when none is kept. */
  transcript(session: string): Promise<KeptTranscript | undefined>;
}
