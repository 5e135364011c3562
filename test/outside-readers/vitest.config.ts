// Not part of `npm test`: it installs from the network, and wants gdal-bin and proj-bin (`npm run test:outside-readers`).
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
  },
})
