import { describe, expect, it } from 'vitest';
import { matchFiles } from './matching-files.js';

function matches(before: readonly string[], after: readonly string[]): [after: string, before: string][] {
  return [...matchFiles(new Set(before), new Set(after))];
}

describe('matchFiles', () => {
  it('finds the files of a folder that was renamed, and says nothing of those that were not', () => {
    const files = (root: string) => [
      `${root}/app/__init__.py`,
      `${root}/app/api/__init__.py`,
      `${root}/app/api/users.py`,
      `${root}/setup.py`,
    ];
    const found = matches(
      [...files('/ci/17/shop'), '/usr/lib/python3.11/json/decoder.py', '<string>'],
      [...files('/home/me/shop'), '/usr/lib/python3.12/json/decoder.py', '<string>'],
    );
    expect(found).toEqual([
      ...files('/home/me/shop').map((file, at) => [file, files('/ci/17/shop')[at]]),
      ['/usr/lib/python3.12/json/decoder.py', '/usr/lib/python3.11/json/decoder.py'],
    ]);
  });

  it('matches relative and absolute paths, and those of Windows', () => {
    expect(matches(['app.py'], ['/srv/app.py'])).toEqual([['/srv/app.py', 'app.py']]);
    expect(matches(['C:\\shop\\pkg\\a.py', 'D:\\a.py'], ['/srv/pkg/a.py'])).toEqual([
      ['/srv/pkg/a.py', 'C:\\shop\\pkg\\a.py'],
    ]);
  });

  it('leaves out what ends alike in several ways', () => {
    expect(matches(['/a/x/util.py', '/b/y/util.py'], ['/c/z/util.py'])).toEqual([]);
    expect(matches(['/c/z/util.py'], ['/a/x/util.py', '/b/y/util.py'])).toEqual([]);
    expect(matches(['/a/x/util.py', '/b/y/util.py'], ['/c/y/util.py'])).toEqual([
      ['/c/y/util.py', '/b/y/util.py'],
    ]);
    // The closest of one is closer to another.
    expect(matches(['/old/x/util.py'], ['/new/x/util.py', '/new/util.py'])).toEqual([
      ['/new/x/util.py', '/old/x/util.py'],
    ]);
  });

  it('does not match what differs in its name, is the same, or is no file', () => {
    expect(matches(['/a/one.py', '/a/same.py', '<a>', ''], ['/a/two.py', '/a/same.py', '<b>'])).toEqual([]);
  });
});
