import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './tools/vitest-summary.js';

/** What is held against a share of time, and what fills the machine by itself, runs without company. */
const ALONE = ['accuracy', 'children', 'hostile', 'modes', 'survival', 'truth'].map(
  (name) => `e2e/${name}.test.ts`,
);

const e2e = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    reporters: ['default', new SummaryReporter()],
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'] },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // They start programs and wait for them; a few at a time, because a machine may have two cores.
        test: {
          ...e2e,
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...e2e,
          name: 'e2e alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
