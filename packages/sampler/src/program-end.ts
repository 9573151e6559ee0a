import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { NativeAddon } from './native.js';

/** How a program ended: by itself with a status, or by a signal. */
export type ProgramEnd =
  | { readonly code: number; readonly signal?: undefined }
  | { readonly signal: NodeJS.Signals; readonly code?: undefined };

/** Between two looks at a program of which Node will not tell the end. */
const LOOK_MS = 5;

const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);

/**
 * Waits for the end of a child of ours. Node takes a thread that is stopped for its native stack for the end of the child, with
 * status 0, where it asks after all of its children at that moment: when another one has ended, or a thread of this one. It then never
 * asks again, so that we do.
 *
 * @param onMistaken called when Node has said that it has ended and it has not. Then nothing of `child` works but its streams, until its
 * `exitCode` and `signalCode` are set with the end
 */
export function untilEnd(
  addon: Pick<NativeAddon, 'takeEnd'>,
  child: ChildProcess,
  onMistaken: () => void,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const told: ProgramEnd = signal === null ? { code: code ?? 0 } : { signal };
      const first = told.code === 0 ? addon.takeEnd(child.pid!) : 'gone';
      if (first === 'gone') {
        resolve(told);
        return;
      }
      onMistaken();
      Object.assign(child, { exitCode: null });
      const look = (seen: ReturnType<NativeAddon['takeEnd']>): void => {
        if (seen === 'running') {
          setTimeout(() => look(addon.takeEnd(child.pid!)), LOOK_MS);
          return;
        }
        const end = seen === 'gone' ? told : endOf(seen);
        Object.assign(child, { exitCode: end.code ?? null, signalCode: end.signal ?? null });
        resolve(end);
      };
      look(first);
    });
  });
}

function endOf(end: { readonly code: number } | { readonly signal: number }): ProgramEnd {
  return 'code' in end ? end : { signal: SIGNAL_NAMES.get(end.signal) ?? 'SIGKILL' };
}
