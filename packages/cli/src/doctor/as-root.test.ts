import { expect, it } from 'vitest';
import { asRoot, austinAsRoot, readInvocation } from './as-root.js';

it('says what to type', () => {
  expect(austinAsRoot({ self: ['austin'], hasSudo: true }, ['where', '42'])).toBe('sudo austin where 42');
  expect(austinAsRoot({ self: ['/usr/bin/node', '/srv/a b.js'], hasSudo: true }, ['doctor'])).toBe(
    "sudo /usr/bin/node '/srv/a b.js' doctor",
  );
  expect(asRoot({ hasSudo: false }, 'sysctl a=0')).toBe("su -c 'sysctl a=0'");
});

it('names this program by its place where its folder is not searched', () => {
  const { self } = readInvocation();
  expect(self[0]).toBe(process.execPath);
});
