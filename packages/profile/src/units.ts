import type { Brand } from './brand.js';

/** A span of time in microseconds. A double holds whole microseconds exactly for 285 years. */
export type Microseconds = Brand<number, 'Microseconds'>;

/** A signed number of bytes. */
export type Bytes = Brand<number, 'Bytes'>;

/** Index of a text in {@link ProfileTables.strings}. 0 is the empty string. */
export type StringId = Brand<number, 'StringId'>;
/** Index of a row of {@link ProfileTables.functions}. */
export type FunctionId = Brand<number, 'FunctionId'>;
/** Index of a row of {@link ProfileTables.frames}. */
export type FrameId = Brand<number, 'FrameId'>;
/** Index of a place of machine code: see {@link ProfileTables.code}. */
export type CodeId = Brand<number, 'CodeId'>;
/** Index of a node of {@link ProfileTables.stacks}. 0 is the empty stack, the root of all others. */
export type StackId = Brand<number, 'StackId'>;
/** Index of a row of {@link ProfileTables.threads}. */
export type ThreadId = Brand<number, 'ThreadId'>;
