import { defineConfig } from 'vitest/config';

const integrationTimeoutMs = 60_000;

export default defineConfig({
  test: {
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
