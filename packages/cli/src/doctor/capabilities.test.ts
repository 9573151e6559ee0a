import { expect, it } from 'vitest';
import { hasCapability, includesAll, parseCapabilities } from './capabilities.js';

it('reads the set that the kernel writes', () => {
  const all = parseCapabilities('000001ffffffffff');
  expect(hasCapability(all, 'CAP_SYS_PTRACE')).toBe(true);
  expect(hasCapability(all, 'CAP_CHECKPOINT_RESTORE')).toBe(true);
  const onlyPtrace = parseCapabilities('0000000000080000');
  expect(hasCapability(onlyPtrace, 'CAP_SYS_PTRACE')).toBe(true);
  expect(hasCapability(onlyPtrace, 'CAP_SYS_NICE')).toBe(false);
  expect(includesAll(all, onlyPtrace)).toBe(true);
  expect(includesAll(onlyPtrace, all)).toBe(false);
});

it.each([undefined, '', 'no digits'])('takes %j for no capability', (text) => {
  expect(parseCapabilities(text)).toBe(0n);
});
