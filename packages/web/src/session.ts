import type { LiveProfile, SourceText } from '@austin-profiler/convert/live';
import type { ProcessEntry, RecordingRequest, SessionStatus } from './protocol.js';

/** What the server shows and what it can ask for: whoever starts it knows where samples come from. */
export interface WebSession {
  /** The profile of the present recording. Another object is another recording. */
  live(): LiveProfile;
  status(): SessionStatus;
  /**
   * Ends the recording, or begins another.
   *
   * @throws AustinError when it cannot be; the page says why
   */
  control(request: RecordingRequest): Promise<void>;
  /**
   * What has been recorded, in a format that can be written.
   *
   * @throws AustinError when it cannot be had; the page says why
   */
  download(format: string): Promise<Download>;
  /** The text of a file that the profile names. */
  readSource(file: string): SourceText;
  /** Python processes that could be recorded. */
  processes(): Promise<readonly ProcessEntry[]>;
}

export interface Download {
  /** Without an ending. */
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}
