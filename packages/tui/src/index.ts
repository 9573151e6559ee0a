export { type Display, openTop, type Top, type TopOptions, type TopSource } from './app.js';
export type { PlayingFacts, TopFacts } from './facts.js';
export type { Size } from './frame.js';
export type { PlayStep } from './model/reduce.js';
export { SAVE_FORMATS, type SaveFormat } from './model/state.js';
export { type ColourDepth, colourDepth } from './screen/colour-depth.js';
export { type InputEvent, InputParser, type KeyPress, type MouseEvent } from './terminal/input-parser.js';
export { Terminal, type TerminalListener, type TerminalOptions } from './terminal/terminal.js';
