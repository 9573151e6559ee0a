// Checks the directions of imports with dependency-cruiser, whose rules are in .dependency-cruiser.cjs, and that it
// looked at every package: without a TypeScript it understands it finds no modules and reports success.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';

const root = dirname(import.meta.dirname);
const folders = readdirSync(`${root}/packages`)
  .map((name) => `packages/${name}/src`)
  .filter((folder) => existsSync(`${root}/${folder}`));

const { modules, summary } = cruise();
const own = modules.filter(({ source }) => folders.some((folder) => source.startsWith(`${folder}/`)));
const dependencies = own.reduce((sum, module) => sum + module.dependencies.length, 0);

const problems = summary.violations.map(({ rule, from, to }) => {
  const { comment } = summary.ruleSetUsed.forbidden.find(({ name }) => name === rule.name) ?? {};
  return `${from} -> ${to}: ${rule.name} (${comment})`;
});
for (const folder of folders) {
  if (!own.some(({ source }) => source.startsWith(`${folder}/`)))
    problems.push(`${folder}: no module was looked at`);
}
if (dependencies === 0) problems.push('no dependency was looked at');

for (const problem of problems) console.error(problem);
console.log(
  `imports: ${own.length} modules with ${dependencies} dependencies checked, ${problems.length} problems`,
);
if (problems.length > 0) process.exitCode = 1;

function cruise() {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders];
  const run = spawnSync(`${root}/node_modules/.bin/depcruise`, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  try {
    return JSON.parse(run.stdout);
  } catch {
    console.error(`dependency-cruiser failed:\n${run.stdout}${run.stderr}${run.error?.message ?? ''}`);
    process.exit(1);
  }
}
