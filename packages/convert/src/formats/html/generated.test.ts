import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));

it('has the page that its sources give: run `node build-page.mjs` after changing them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'austin-page-'));
  try {
    const run = spawnSync(process.execPath, [join(here, '../../../build-page.mjs'), folder], {
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    expect(readFileSync(join(folder, 'page.ts'), 'utf8')).toBe(
      readFileSync(join(here, 'generated/page.ts'), 'utf8'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
