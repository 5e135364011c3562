// One Azurite for all files. Every test has containers of its own.
import type { TestProject } from 'vitest/node'
import { startAzurite } from './start-azurite.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the account, without a slash at the end. */
    azuriteUrl: string
    azuriteKey: string
    connectionString: string
  }
}

export default async function startAzuriteUnderTest(project: TestProject): Promise<() => Promise<void>> {
  const azurite = await startAzurite()
  project.provide('azuriteUrl', azurite.url)
  project.provide('azuriteKey', azurite.accountKey)
  project.provide('connectionString', azurite.connectionString)
  return () => azurite.stop()
}
