import { FrameKind } from '@austin-profiler/profile';
import type { ForeignFrame } from '../../foreign-stacks.js';

/** An address in hex, then what it belongs to. */
const FRAME = /^\s+([0-9a-f]+)\s(.*)$/;
/** What CPython with `-X perf` calls the code it makes for a function. The name has no colon, the file may. */
const PYTHON = /^py::([^:]*):(.*)$/s;
const OFFSET = /\+0x[0-9a-f]+$/;
/** The upper half of the address space is the kernel's. */
const KERNEL_ADDRESS = /^ffff[0-9a-f]{12}$/;
const KERNEL_FILE = /^\[(kernel|guest\.kernel)|\.ko(\.\w+)?$|^\[\w+\]$/;
const USER_PAGES = /^\[(vdso|vsyscall|stack|heap|unknown)\]$/;

/** Splits a line of a call chain into address and the text that says what is there; undefined if it is no such line. */
export function splitFrameLine(line: string): { address: string; text: string } | undefined {
  const match = FRAME.exec(line);
  return match ? { address: match[1]!, text: match[2]! } : undefined;
}

/** Reads `symbol+0x1f (file)`; both may contain blanks and parentheses. */
export function parseFrame(address: string, text: string): ForeignFrame {
  const at = startOfFile(text);
  const file = at < 0 ? '' : text.slice(at + 1, -1);
  const symbol = (at < 0 ? text : text.slice(0, at)).trim().replace(OFFSET, '');
  const python = PYTHON.exec(symbol);
  if (python) return { kind: FrameKind.Python, name: python[1]!, file: python[2]! };
  const isKernel = KERNEL_ADDRESS.test(address) || KERNEL_FILE.test(file);
  if (isKernel && !USER_PAGES.test(file)) return { kind: FrameKind.Kernel, name: symbol, file: 'kernel' };
  const isFile = file !== '[unknown]' && file !== 'inlined';
  return { kind: FrameKind.Native, name: symbol, file: isFile ? file : '' };
}

/** Where the last group of parentheses begins: `(/usr/lib/libz.so (deleted))` is one. */
function startOfFile(text: string): number {
  if (!text.endsWith(')')) return -1;
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === ')') depth++;
    else if (text[at] === '(' && --depth === 0) return at === 0 || text[at - 1] === ' ' ? at : -1;
  }
  return -1;
}
