// One PostgreSQL for all test files of a run; each test that needs one makes a database of its own on it.
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../packages/server/src/store/start-postgres.fixture.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of a superuser: TEST_POSTGRES_URL, or the server that was started for this run. */
    postgresUrl: string
  }
}

export default async function setup({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.TEST_POSTGRES_URL
  if (given !== undefined && given !== '') {
    provide('postgresUrl', given)
    return undefined
  }
  const { url, stop } = await startPostgres()
  provide('postgresUrl', url)
  return stop
}
