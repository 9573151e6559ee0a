import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { austin, PYTHON, temporaryFolder } from './cli-helpers.js';

/** The sources in a page: file to text, or to the reason why there is none. */
function sources(page: string): Record<string, string> {
  const payload = JSON.parse(/id="profile">(.*?)<\/script>/s.exec(page)![1]!);
  const found: Record<string, string> = {};
  for (const [i, file] of payload.sources.file.entries()) {
    found[payload.strings[file]] = payload.sources.text[i] ?? `(${payload.sources.problem[i]})`;
  }
  return found;
}

it('embeds the Python files that a profile names, and says which it could not', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'folder.py'));
  execFileSync('mkfifo', [join(cwd, 'pipe.py')]);
  writeFileSync(join(cwd, 'app.py'), 'print("</script>")\n');
  writeFileSync(join(cwd, 'tool'), '#!/usr/bin/env python3\npass\n');
  writeFileSync(join(cwd, 'secret.key'), 'do not pass on');
  writeFileSync(join(cwd, 'latin.py'), Buffer.from('# coding: latin-1\n# caf\u00e9\n', 'latin1'));
  writeFileSync(join(cwd, 'broken.py'), Buffer.from([0x78, 0xff, 0x0a]));
  writeFileSync(join(cwd, 'large.py'), Buffer.alloc((4 << 20) + 1, 0x20));
  const files = 'app.py tool secret.key latin.py broken.py large.py gone.py folder.py pipe.py <string>'.split(
    ' ',
  );
  writeFileSync(join(cwd, 'in.collapsed'), files.map((file) => `P1;T1;${file}:f:1 10\n`).join(''));
  const { code, stderr } = await austin(['convert', 'in.collapsed', '-o', 'out.html', '--sources'], { cwd });
  expect(code).toBe(0);
  const page = readFileSync(join(cwd, 'out.html'), 'utf8');
  const unsuitable = '(it is no Python file by its name or first line)';
  expect(sources(page)).toEqual({
    'app.py': 'print("</script>")\n',
    tool: '#!/usr/bin/env python3\npass\n',
    'secret.key': unsuitable,
    'latin.py': '# coding: latin-1\n# café\n',
    'broken.py': '(it cannot be read as utf-8)',
    'large.py': '(it is larger than 4 MiB)',
    'gone.py': '(no such file or directory)',
    'folder.py': '(it is not a file)',
    'pipe.py': '(it is not a file)',
  });
  expect(page).not.toContain('do not pass on');
  expect(stderr).toContain('austin: embedded 3 source files\n');
  expect(stderr).toContain('austin: could not embed gone.py: no such file or directory\n');
  expect(stderr).toContain('austin: could not embed 1 source file more; the page names them\n');
});

it('embeds nothing unless asked to, and only where there is room', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'app.py'), 'pass\n');
  writeFileSync(join(cwd, 'in.collapsed'), 'P1;T1;app.py:f:1 10\n');
  expect((await austin(['convert', 'in.collapsed', '-o', 'out.html'], { cwd })).code).toBe(0);
  expect(sources(readFileSync(join(cwd, 'out.html'), 'utf8'))).toEqual({});
  const { code, stderr } = await austin(['convert', 'in.collapsed', '--to', 'pprof', '--sources'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^austin: pprof has no room for source files \(ERR_USAGE_SOURCES\)\nhint: .*html/i);
});

it('warns of a file that changed after the recording', async () => {
  const cwd = temporaryFolder();
  const app = join(cwd, 'app.py');
  writeFileSync(
    app,
    'end = __import__("time").monotonic() + 0.2\nwhile __import__("time").monotonic() < end: pass\n',
  );
  expect((await austin(['record', '-o', 'app.mojo', PYTHON, app], { cwd })).code).toBe(0);
  const fresh = await austin(['convert', 'app.mojo', '-o', 'out.html', '--sources'], { cwd });
  expect(fresh.stderr).not.toContain('changed');
  expect(sources(readFileSync(join(cwd, 'out.html'), 'utf8'))[app]).toContain('while');
  const later = Date.now() / 1000 + 60;
  utimesSync(app, later, later);
  const { stderr } = await austin(['convert', 'app.mojo', '-o', 'out.html', '--sources'], { cwd });
  expect(stderr).toContain('austin: 1 source file changed after the recording');
});
