import { join } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { longestFiles } from './test/longest-files.ts'

// The tests start some hundred programs and threads: with their sources compiled once a start costs half.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled')

const shared = { pool: 'threads', testTimeout: 30_000, hookTimeout: 60_000 } as const

/** On a fresh clone nothing is known of earlier runs: a file of a minute that is begun last then keeps all workers waiting. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const known = longestFiles.map((name) => join(import.meta.dirname, name))
    const placeOf = ({ moduleId }: TestSpecification) =>
      known.includes(moduleId) ? known.indexOf(moduleId) : known.length
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b))
  }
}

export default defineConfig({
  test: {
    // Two leave an eighth of two cores idle, because tests wait for leases, processes and disks.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          name: 'alidade',
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          // Azurite and the readers of others have to be installed first, from the network: `npm run test:azurite`,
          // `npm run test:outside-readers`.
          exclude: [
            ...configDefaults.exclude,
            ...['published-clients', 'azurite', 'outside-readers'].map((folder) => `test/${folder}/**`),
          ],
          // A real PostgreSQL, started for this run, or the one that TEST_POSTGRES_URL names.
          globalSetup: 'test/postgres/global-setup.ts',
          // Threads without isolation are four times faster here than one process per file.
          // Nothing in this project does work at import time, so files do not disturb each other.
          isolate: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'published clients',
          // Some wait for jobs, which other files run beside theirs.
          testTimeout: 60_000,
          include: ['test/published-clients/*.test.ts'],
          globalSetup: 'test/published-clients/service-under-test.ts',
          // Files replace the global fetch and watch methods of packages: each has a thread, and with it globals, of its own.
          isolate: true,
        },
      },
    ],
  },
})
