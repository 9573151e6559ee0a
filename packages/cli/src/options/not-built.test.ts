import { expect, it } from 'vitest';
import { NOT_BUILT, refuseNotBuilt } from './not-built.js';

it.each(NOT_BUILT)('--$name names what to do instead, in one sentence', ({ name, instead }) => {
  expect(instead).not.toContain('.');
  expect(() => refuseNotBuilt({ [name]: true })).toThrow(
    expect.objectContaining({
      code: 'ERR_USAGE_NOT_BUILT',
      message: `\`--${name}\` is not built yet: ${instead}`,
    }),
  );
});

it('lets everything else pass', () => refuseNotBuilt({ interval: 1000 }));
