// `npm run fuzz -- --minutes N`: damaged inputs for the readers for N minutes, 60 if not said, never the same ones. Begins anew
// with another seed every minute or so, so that a failure names a seed that shows it soon.
import { root, runStep, tool } from './steps.mjs';

/** Inputs that a round makes. */
const ROUND = 200_000;

const minutes = minutesOf(process.argv.slice(2));
if (minutes === undefined) {
  console.error('fuzz: the only option is `--minutes N`, with a number above 0');
  process.exit(2);
}

const end = performance.now() + minutes * 60_000;
let seed = Date.now() % 2 ** 31;
let rounds = 0;
do {
  const { ok } = await runStep({
    name: `seed ${seed}`,
    command: tool('vitest'),
    args: ['run', '--root', root, 'packages/mojo/src/fuzz.test.ts', 'packages/convert/src/fuzz.test.ts'],
    env: { AUSTIN_TEST_MUTATIONS: String(ROUND), AUSTIN_TEST_SEED: String(seed) },
  });
  rounds++;
  if (!ok) {
    console.log(
      `fuzz: failed with AUSTIN_TEST_MUTATIONS=${ROUND} AUSTIN_TEST_SEED=${seed}; the output is above`,
    );
    process.exit(1);
  }
  seed = (seed + 1) % 2 ** 31;
} while (performance.now() < end);
console.log(
  `fuzz: ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${ROUND} damaged files, and of a tenth as many in other formats, without an escape`,
);

function minutesOf(words) {
  if (words.length === 0) return 60;
  const [option, value, ...others] = words;
  const number = option === '--minutes' && others.length === 0 ? Number(value) : Number.NaN;
  return number > 0 ? number : undefined;
}
