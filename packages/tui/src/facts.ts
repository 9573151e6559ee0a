/** What is known of a recording besides its samples. What is left out is not known. */
export interface TopFacts {
  /** The command, or the name of the file. */
  readonly title: string;
  readonly phase: 'waiting' | 'live' | 'ended';
  /** Said with the phase: why it waits, or how it ended. */
  readonly note?: string;
  readonly pid?: number;
  /** Version. */
  readonly python?: string;
  /** Since the process started; of a file, how long was recorded. */
  readonly seconds?: number;
  /** Of one CPU. */
  readonly cpuShare?: number;
  readonly memoryBytes?: number;
  /** Rounds a second; 0 asked is as fast as possible. */
  readonly askedHertz?: number;
  readonly gotHertz?: number;
  /** Only threads with the interpreter lock are sampled, so the last one sampled has it. */
  readonly isGilOnly?: boolean;
  readonly marksGc?: boolean;
  /** Where the playing of a recording stands; absent until it has been played. */
  readonly playing?: PlayingFacts;
}

/** How far a recording has been played. Times are µs of the recording. */
export interface PlayingFacts {
  readonly isPlaying: boolean;
  readonly positionUs: number;
  readonly durationUs: number;
  /** How many times as fast as it was recorded. */
  readonly speed: number;
}
