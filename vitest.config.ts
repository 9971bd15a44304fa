import { defineConfig } from 'vitest/config';

const integrationTimeoutMs = 60_000;

/** Integration tests wait more than they compute: two files at a time take little more than half of the time, on any machine. */
const filesAtATime = 2;

export default defineConfig({
  test: {
    maxWorkers: filesAtATime,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], setupFiles: ['test/services/fixed-seed.ts'] } },
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], setupFiles: ['test/services/fixed-seed.ts'] } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles: ['test/services/fixed-seed.ts'],
          globalSetup: ['test/services/global-setup.ts'],
          testTimeout: integrationTimeoutMs,
          hookTimeout: integrationTimeoutMs,
        },
      },
    ],
  },
});
