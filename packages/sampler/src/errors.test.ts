import { describe, expect, it } from 'vitest';
import { SamplerError } from './errors.js';

describe('SamplerError', () => {
  it('has only what it was given', () => {
    const error = new SamplerError('ERR_NOT_PYTHON', 'no Python here');
    expect(error).toBeInstanceOf(Error);
    expect(Object.fromEntries(Object.entries(error))).toEqual({
      name: 'SamplerError',
      code: 'ERR_NOT_PYTHON',
      kind: 'environment',
    });
    expect(error.message).toBe('no Python here');
    expect('cause' in error).toBe(false);
  });

  it('keeps hint, errno, kind and cause', () => {
    const cause = new Error('behind it');
    const error = new SamplerError('ERR_OUTPUT_WRITE', 'cannot write', {
      kind: 'usage',
      hint: 'free some space',
      errno: 28,
      cause,
    });
    expect(error).toMatchObject({ kind: 'usage', hint: 'free some space', errno: 28, cause });
  });
});
