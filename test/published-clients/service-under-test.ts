// One service for all files, started by the real command before the first of them. Every test has iTwins of its own, and
// jobs of files that run beside each other need not wait for one another.
import { createRequire } from 'node:module'
import type { TestProject } from 'vitest/node'

// Loaded by Node itself: the runner of global set-ups lacks `import.meta.resolve`, which this needs.
const { startServiceProcess }: typeof import('../e2e/service-process.ts') = createRequire(import.meta.url)(
  '../e2e/service-process.ts',
)

declare module 'vitest' {
  interface ProvidedContext {
    serviceUrl: string
    /** Of a token of the built-in issuer; clients send it as it is. */
    authorization: string
  }
}

export default async function startServiceUnderTest(project: TestProject): Promise<() => Promise<void>> {
  const service = await startServiceProcess('--threads', '1', '--slots', '2')
  project.provide('serviceUrl', service.url)
  project.provide('authorization', `Bearer ${await service.token('--email', 'ada@example.org')}`)
  return () => service.remove()
}
