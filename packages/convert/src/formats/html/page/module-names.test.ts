import { expect, it } from 'vitest';
import { moduleNames } from './module-names.js';

it('names modules as Python imports them', () => {
  const names = {
    '/home/ann/shop/shop/views.py': 'shop.views',
    '/home/ann/shop/shop/__init__.py': 'shop',
    '/home/ann/shop/manage.py': 'manage',
    '/home/ann/.venv/lib/python3.12/site-packages/flask/app.py': 'flask.app',
    '/usr/lib/python3.12/json/__init__.py': 'json',
    'C:\\Python312\\Lib\\json\\decoder.py': 'json.decoder',
    '<frozen importlib._bootstrap>': '<frozen importlib._bootstrap>',
    '/usr/lib/x86_64-linux-gnu/libc.so.6': 'libc.so.6',
  };
  const files = Object.keys(names).filter((file) => !file.includes('libc'));
  expect(moduleNames(files)).toEqual(files.map((file) => names[file as keyof typeof names]));
  expect(moduleNames(['/usr/lib/x86_64-linux-gnu/libc.so.6'])).toEqual(['libc.so.6']);
  expect(moduleNames(['', 'app.py', 'app.py'])).toEqual(['', 'app', 'app']);
  expect(moduleNames(['/srv/__main__.py'])).toEqual(['__main__']);
});
