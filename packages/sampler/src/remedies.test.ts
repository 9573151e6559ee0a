import { afterEach, describe, expect, it, vi } from 'vitest';
import { remedy } from './remedies.js';

afterEach(() => vi.restoreAllMocks());

describe('remedy', () => {
  it.each([
    ['ERR_PROCESS_GONE', 0, /`ps`/],
    ['ERR_NOT_PYTHON', 0, /pid of the Python process/],
    ['ERR_PYTHON_UNSUPPORTED', 0, /3\.8 to 3\.15/],
    ['ERR_PYTHON_LAYOUT', 0, /python3 -VV/],
    ['ERR_OUTPUT_WRITE', 28, /free some space/],
    ['ERR_KERNEL_STACKS_PERMISSION', 13, /CAP_SYS_ADMIN/],
    ['ERR_PERF_PERMISSION', 13, /--native-way exact/],
    ['ERR_NATIVE_UNSUPPORTED', 0, /without native stacks/],
  ] as const)('%s with errno %d says what to do', (code, errno, expected) => {
    expect(remedy(code, 42, errno)).toMatch(expected);
  });

  it.each([
    ['ERR_OUTPUT_WRITE', 32],
    ['ERR_ADDON_LOAD', 0],
    ['ERR_SAMPLER_OPTION', 0],
  ] as const)('%s with errno %d needs none', (code, errno) => {
    expect(remedy(code, 42, errno)).toBeUndefined();
  });

  it.skipIf(process.getuid === undefined)('tells root of containers and others of root', () => {
    const getuid = vi.spyOn(process, 'getuid' as never) as unknown as { mockReturnValue(uid: number): void };
    getuid.mockReturnValue(0);
    expect(remedy('ERR_PERMISSION_PTRACE', 42, 1)).toContain('SYS_PTRACE');
    getuid.mockReturnValue(1000);
    // Which of the remedies for others it is depends on this machine's ptrace_scope; all but one name root.
    expect(remedy('ERR_PERMISSION_PTRACE', 42, 1)).toMatch(/root.*-p 42|until the next boot/);
  });
});
