import { existsSync, readdirSync } from 'node:fs';
import { root, runStep, tool } from './steps.mjs';

/** Everything that can be told without running the project's own code. Returns the results, one per step. */
export async function runStaticChecks() {
  const results = [];
  for (const step of staticChecks()) results.push(await runStep(step));
  return results;
}

function staticChecks() {
  return [
    { name: 'format and lint (biome)', command: tool('biome'), args: ['ci', '--error-on-warnings', '.'] },
    { name: 'lint with types (oxlint)', command: tool('oxlint'), args: ['--type-aware', '--deny-warnings'] },
    ...typeProjects().map((project) => ({
      name: `types of ${project}`,
      command: tool('tsc'),
      args: ['-p', project],
    })),
    { name: 'import direction', command: process.execPath, args: ['tools/check-imports.mjs'] },
    { name: 'native includes', command: process.execPath, args: ['tools/check-native-includes.mjs'] },
  ];
}

/** Per package its sources with their tests; the root project holds e2e and the tools. */
function typeProjects() {
  const packages = readdirSync(`${root}/packages`).map((name) => `packages/${name}/tsconfig.test.json`);
  return [...packages.filter((path) => existsSync(`${root}/${path}`)), 'tsconfig.json'];
}
