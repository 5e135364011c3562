// Not part of `npm test`: what is tested here has to be installed first, from the network (`npm run test:clients`).
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['service-under-test.ts'],
    // Files replace the global fetch: one at a time.
    pool: 'threads',
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
