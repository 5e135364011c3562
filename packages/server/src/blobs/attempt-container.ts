// How agents on other machines name a container: `<guid>.<attempt>`. Clients are given URLs of `<guid>` alone, and
// nobody can sign another name: that takes the key.
import type { ContainerKey } from './blob-store.ts'
import type { ResolvedContainer } from './blob-routes.ts'

export function attemptContainerName({ id, attempt }: ContainerKey): string {
  return `${id}.${attempt}`
}

/**
 * Undefined: it is the container of a reality data, by its id, or by the name that agents have for what clients uploaded.
 * An attempt may write what it is going to commit, and nothing else.
 */
export function resolveAttemptContainer(name: string): ResolvedContainer | undefined {
  const [, id, attempt] = /^([0-9a-f-]{36})\.([1-9]\d{0,8})$/.exec(name) ?? []
  if (id === undefined || attempt === undefined) return undefined
  return { container: { id, attempt: Number(attempt) }, writable: true }
}
