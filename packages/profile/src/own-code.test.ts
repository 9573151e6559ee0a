import { describe, expect, it } from 'vitest';
import { isOwnFile, isOwnFunction } from './own-code.js';
import { FrameKind, ProfileTables } from './tables.js';

describe('isOwnFile', () => {
  it.each([
    '/home/me/app.py',
    'app.py',
    '/srv/python3/app.py',
    '/srv/lib/app/pythonic.py',
    'C:\\work\\app.py',
    '<string>',
    '<stdin>',
    '<task>',
    '',
  ])('%s is', (file) => {
    expect(isOwnFile(file)).toBe(true);
  });

  it.each([
    '/usr/lib/python3.12/json/decoder.py',
    '/usr/lib64/python3.9/threading.py',
    '/home/me/.pyenv/versions/3.13.0/lib/python3.13t/asyncio/base_events.py',
    '/usr/lib/python312.zip/json/decoder.py',
    'C:\\Users\\me\\AppData\\Local\\Programs\\Python\\Python312\\Lib\\threading.py',
    '/home/me/venv/lib/python3.12/site-packages/numpy/core.py',
    'C:\\venv\\Lib\\site-packages\\numpy\\core.py',
    '/usr/lib/python3/dist-packages/apt.py',
    '<frozen importlib._bootstrap>',
  ])('%s is not', (file) => {
    expect(isOwnFile(file)).toBe(false);
  });
});

it('machine code is nobody’s own', () => {
  const tables = new ProfileTables();
  const [name, file] = [tables.internString('read'), tables.internString('app.py')];
  expect(isOwnFunction(tables, tables.internFunction(name, file))).toBe(true);
  for (const kind of [FrameKind.Native, FrameKind.Kernel]) {
    expect(isOwnFunction(tables, tables.internFunction(name, file, 0, kind))).toBe(false);
  }
});
