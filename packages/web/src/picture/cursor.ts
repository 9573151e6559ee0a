/** How far somebody has been told. The counts are of rows that they have. */
export interface Cursor {
  /** Which picture: numbers mean nothing in another one. */
  readonly picture: string;
  /** Cells and lanes are numbered anew with each epoch. */
  readonly epoch: number;
  /** Rows that were changed later than this are not known yet. */
  readonly version: number;
  readonly strings: number;
  readonly functions: number;
  readonly frames: number;
  /** The root is not counted. */
  readonly nodes: number;
  readonly cells: number;
  readonly lanes: number;
}

const COUNTS = ['epoch', 'version', 'strings', 'functions', 'frames', 'nodes', 'cells', 'lanes'] as const;

/** As the id of an event, which browsers give back when they come again. */
export function cursorText(cursor: Cursor): string {
  return [cursor.picture, ...COUNTS.map((name) => cursor[name])].join('.');
}

/** Undefined for what is no cursor: it comes from outside. */
export function parseCursor(text: string | undefined): Cursor | undefined {
  const match = /^([\w-]{1,40})((?:\.\d{1,15}){8})$/.exec(text ?? '');
  if (!match) return undefined;
  const counts = match[2]!.slice(1).split('.').map(Number);
  const [epoch, version, strings, functions, frames, nodes, cells, lanes] = counts as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { picture: match[1]!, epoch, version, strings, functions, frames, nodes, cells, lanes };
}

/** Whether one has been told no more than the other of the same picture. */
export function isUpTo(told: Cursor, now: Cursor): boolean {
  const grows = ['version', 'strings', 'functions', 'frames', 'nodes'] as const;
  if (told.picture !== now.picture || told.epoch > now.epoch) return false;
  if (grows.some((name) => told[name] > now[name])) return false;
  return told.epoch < now.epoch || (told.cells <= now.cells && told.lanes <= now.lanes);
}
