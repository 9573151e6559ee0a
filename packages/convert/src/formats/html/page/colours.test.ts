import { describe, expect, it } from 'vitest';
import { codeKind, paintOf } from './colours.js';
import { RowKind } from './payload.js';

describe('colours', () => {
  it.each([
    ['/home/ann/shop/views.py', 'own'],
    ['manage.py', 'own'],
    ['/home/ann/.venv/lib/python3.12/site-packages/flask/app.py', 'library'],
    ['/usr/lib/python3.12/json/decoder.py', 'library'],
    ['C:\\Python312\\Lib\\json\\decoder.py', 'library'],
    ['<frozen importlib._bootstrap>', 'library'],
  ])('tells whose code %s is', (file, kind) => {
    expect(codeKind(RowKind.Python, file)).toBe(kind);
  });

  it('gives a file the same colour always, another than its neighbour', () => {
    expect(paintOf('own', 'a.py', false)).toEqual(paintOf('own', 'a.py', false));
    expect(paintOf('own', 'a.py', false)).not.toEqual(paintOf('own', 'b.py', false));
  });
});
