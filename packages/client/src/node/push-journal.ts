// Remembers on disk what the service has acknowledged, so that a push that was interrupted does not send it again.
// The dialect's own way (Get Block List) is not served everywhere.
import { open, readFile, rm } from 'node:fs/promises'

/** A block, or a small file as a whole, that the service has. */
export interface Acknowledged {
  /** Name of the blob. */
  readonly name: string
  /** Which block of it, from 0. */
  readonly place: number
  /** Tells its content. */
  readonly id: string
  /** Tells the state of the file it was read from; see `stampOf`. */
  readonly stamp: string
}

export interface PushJournal {
  has(block: Omit<Acknowledged, 'stamp'>): boolean
  /** The id of a block of a file that nobody has touched since: it need not be read again. */
  idAt(block: Omit<Acknowledged, 'id'>): string | undefined
  add(block: Acknowledged): Promise<void>
  /** Forgets everything about one blob, for this run. */
  forget(name: string): void
  close(): Promise<void>
  /** For a push that is complete. */
  remove(): Promise<void>
}

/** One line of JSON an entry. Lines that a crash cut are skipped: the block is sent again. */
export async function openPushJournal(path: string | undefined, container: string): Promise<PushJournal> {
  const known = new Map<string, Map<number, Acknowledged>>()
  const note = (block: Acknowledged) => {
    const blocks = known.get(block.name) ?? new Map()
    known.set(block.name, blocks.set(block.place, block))
  }
  const at = (name: string, place: number) => known.get(name)?.get(place)
  const forget = (name: string) => void known.delete(name)
  if (path === undefined) {
    const nothing = async () => {}
    return { has: () => false, idAt: () => undefined, add: nothing, forget, close: nothing, remove: nothing }
  }
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  for (const line of text.split('\n')) {
    const entry = parseEntry(line)
    if (entry?.container === container) note(entry)
  }
  // It names what is in a container; that is nobody else's business.
  const handle = await open(path, 'a', 0o600)
  if (text !== '' && !text.endsWith('\n')) await handle.appendFile('\n')
  let closed = false
  const close = async () => {
    if (!closed) await handle.close()
    closed = true
  }
  return {
    has: ({ name, place, id }) => at(name, place)?.id === id,
    idAt({ name, place, stamp }) {
      const block = at(name, place)
      return block?.stamp === stamp ? block.id : undefined
    },
    async add(block) {
      note(block)
      await handle.appendFile(`${JSON.stringify({ container, ...block })}\n`)
    },
    forget,
    close,
    async remove() {
      await close()
      await rm(path, { force: true })
    },
  }
}

function parseEntry(line: string): (Acknowledged & { container: string }) | undefined {
  try {
    const entry = JSON.parse(line)
    const { container, name, place, id, stamp } = entry ?? {}
    const texts = [container, name, id, stamp].every((part) => typeof part === 'string')
    return texts && Number.isSafeInteger(place) ? entry : undefined
  } catch {
    // A cut line; see above.
    return undefined
  }
}
