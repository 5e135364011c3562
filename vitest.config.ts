import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    // They need packages of their own from the network: `npm run test:clients`.
    exclude: [...configDefaults.exclude, 'test/published-clients/**'],
    // Threads without isolation are four times faster here than one process per file.
    // Nothing in this project does work at import time, so files do not disturb each other.
    // A real PostgreSQL, started for this run, or the one that TEST_POSTGRES_URL names.
    globalSetup: 'test/postgres/global-setup.ts',
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
