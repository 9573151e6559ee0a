import type {
  Facts,
  FrameColumns,
  FunctionColumns,
  MetricInfo,
  TimeInfo,
} from '@austin-profiler/convert/page-data';

/** What the server tells the page, and what the page asks of it. JSON; shared by both. */

/** Where a recording stands. */
export type Phase =
  /** There is nothing to record yet: a process is to be chosen. */
  | 'idle'
  /** It has begun, and no sample has come. */
  | 'waiting'
  | 'running'
  /** It is complete, or it was a file from the beginning. */
  | 'ended'
  | 'failed';

/** How a recording is doing, as far as it is known. */
export interface SessionStatus {
  /** What is shown, in a word or two. */
  readonly title: string;
  readonly phase: Phase;
  /** Why it has ended or failed, in a sentence. */
  readonly message?: string;
  readonly pid?: number;
  readonly elapsedUs?: number;
  /** In rounds a second: what was asked for, and what it has been in the mean. */
  readonly rateAsked?: number;
  readonly rateGot?: number;
  /** Of the recorded process: share of one CPU since the last status, and what is resident. */
  readonly cpuShare?: number;
  readonly memoryBytes?: number;
  /** What may be asked for now. */
  readonly can: readonly ('stop' | 'restart' | 'attach')[];
}

export interface Status extends SessionStatus {
  /** What the page shows stands still; the recording does not. */
  readonly isPaused: boolean;
}

/** Rows of a table that are new or have changed; those that the page has keep their numbers unless `isWhole`. */
interface TableUpdate {
  /** The page forgets the rows it has. */
  readonly isWhole: boolean;
  /** Numbers of the rows, ascending; new ones follow those that the page has. */
  readonly row: number[];
  readonly thread: number[];
  readonly slot: number[];
}

export interface CellUpdate extends TableUpdate {
  readonly node: number[];
  /** What they weigh now; `weight[metric][i]`. */
  readonly weight: number[][];
}

export interface LaneUpdate extends TableUpdate {
  readonly samples: number[][];
  readonly squares: number[][];
}

/** What has come since the page was told last. */
export interface PictureUpdate {
  /** The page forgets everything: it is another recording, or too long ago. */
  readonly isStart: boolean;
  readonly facts: Facts;
  readonly metrics: readonly MetricInfo[];
  readonly time: TimeInfo;
  readonly foldedBelow: number;
  /** Rows behind those that the page has, of each table. */
  readonly strings: readonly string[];
  readonly functions: FunctionColumns;
  readonly frames: FrameColumns;
  /** Nodes of the stack tree; the root, node 0, is not among them. A parent comes before its children. */
  readonly nodes: { readonly parent: number[]; readonly frame: number[] };
  /** All threads, if any is new or has got a name. */
  readonly threads?: { readonly pid: number[]; readonly label: string[] };
  readonly cells: CellUpdate;
  readonly lanes: LaneUpdate;
}

/** The data of an `update` event. */
export interface Update {
  readonly status: Status;
  /** Absent when nothing has come. */
  readonly picture?: PictureUpdate;
}

/** The body of `POST control`. */
export type ControlRequest = ViewRequest | RecordingRequest;

/** Something about what all viewers are shown. */
export type ViewRequest = { readonly action: 'pause' | 'resume' | 'reset' };

/** Something about the recording itself. */
export type RecordingRequest =
  | { readonly action: 'stop' }
  | { readonly action: 'restart'; readonly mode?: RecordingMode }
  | { readonly action: 'attach'; readonly pid: number; readonly mode?: RecordingMode };

export const RECORDING_MODES = ['wall', 'cpu', 'memory', 'full'] as const;
export type RecordingMode = (typeof RECORDING_MODES)[number];

/** The answer when something that was asked for cannot be had. */
export interface Refusal {
  readonly error: string;
  readonly hint?: string;
}

/** A Python process that could be recorded: the answer of `GET processes` is a list of them. */
export interface ProcessEntry {
  readonly pid: number;
  readonly command: string;
  readonly user?: string;
}

/** A format of `GET download`: the answer of `GET formats` is a list of them. */
export interface FormatEntry {
  readonly id: string;
  readonly title: string;
}
