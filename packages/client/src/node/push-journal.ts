// Remembers on disk what the service has acknowledged, so that a push that was interrupted does not send it again.
// The dialect's own way (Get Block List) is not served everywhere.
import { open, readFile, rm } from 'node:fs/promises'

export interface PushJournal {
  has(name: string, id: string): boolean
  add(name: string, id: string): Promise<void>
  /** Forgets everything about one blob, for this run. */
  forget(name: string): void
  close(): Promise<void>
  /** For a push that is complete. */
  remove(): Promise<void>
}

/** One line of JSON an entry, `[container, name, id]`. Lines that a crash cut are skipped: the block is sent again. */
export async function openPushJournal(path: string | undefined, container: string): Promise<PushJournal> {
  const known = new Map<string, Set<string>>()
  const note = (name: string, id: string) => {
    const ids = known.get(name) ?? new Set()
    known.set(name, ids.add(id))
  }
  if (path === undefined) {
    const nothing = async () => {}
    const forget = (name: string) => void known.delete(name)
    return { has: () => false, add: nothing, forget, close: nothing, remove: nothing }
  }
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  for (const line of text.split('\n')) {
    const entry = parseEntry(line)
    if (entry?.[0] === container) note(entry[1], entry[2])
  }
  const handle = await open(path, 'a')
  if (text !== '' && !text.endsWith('\n')) await handle.appendFile('\n')
  let closed = false
  const close = async () => {
    if (!closed) await handle.close()
    closed = true
  }
  return {
    has: (name, id) => known.get(name)?.has(id) ?? false,
    async add(name, id) {
      note(name, id)
      await handle.appendFile(`${JSON.stringify([container, name, id])}\n`)
    },
    forget: (name) => void known.delete(name),
    close,
    async remove() {
      await close()
      await rm(path, { force: true })
    },
  }
}

function parseEntry(line: string): [string, string, string] | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    const valid =
      Array.isArray(entry) && entry.length === 3 && entry.every((part) => typeof part === 'string')
    return valid ? (entry as [string, string, string]) : undefined
  } catch {
    // A cut line; see above.
    return undefined
  }
}
