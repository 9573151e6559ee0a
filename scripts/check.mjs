// `npm run check`: the static checks alone.
import { runStaticChecks } from './static-checks.mjs';

const results = await runStaticChecks();
const failed = results.filter((result) => !result.ok);
console.log(`checks: ${results.length - failed.length} passed, ${failed.length} failed`);
if (failed.length > 0) process.exitCode = 1;
