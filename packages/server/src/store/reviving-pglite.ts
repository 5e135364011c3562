// PGlite that outlives a full disk. PostgreSQL panics where it cannot write its log or a checkpoint; PGlite goes on after
// that and turns in circles at the next statement, for ever, on the thread of the whole service. Here a panicked instance
// runs nothing more, and the next caller gets a fresh one on the same folder, recovered from the log as after a kill.
import { type ExecProtocolOptions, PGlite, type Transaction } from '@electric-sql/pglite'

/** What the rest of the service uses of PGlite. */
export type EmbeddedPostgres = Pick<PGlite, 'query' | 'exec' | 'listen' | 'close'> & {
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
}

export interface SpaceForDatabase {
  /** Gives the database what is kept for it on a full disk; false: there is nothing left to give. */
  makeRoom(): Promise<boolean>
  /** Whether there is room for what opening and closing a database write. */
  hasRoom(): Promise<boolean>
}

/** SQLSTATEs. */
const diskFull = '53100'
const recovering = '57P03'

/** After a panic a fresh start is not tried more often than this: it takes half a second of the service's thread. */
const retryAfterMs = 2000

export async function openRevivingPglite(
  folder: string,
  space: SpaceForDatabase | undefined,
): Promise<EmbeddedPostgres> {
  const listeners = new Map<symbol, { channel: string; onNotify: (payload: string) => void }>()
  let opened = open()
  let failedAtMs = Number.NEGATIVE_INFINITY
  let closed = false
  await opened

  async function open(): Promise<MortalPglite> {
    if (space !== undefined && !(await space.hasRoom())) await space.makeRoom()
    const pglite = new MortalPglite({ dataDir: folder })
    await pglite.waitReady.catch((error: unknown) => {
      throw lost(error)
    })
    for (const { channel, onNotify } of listeners.values()) await pglite.listen(channel, onNotify)
    return pglite
  }

  async function alive(): Promise<MortalPglite> {
    const pglite = await opened.catch(() => undefined)
    if (pglite?.panicked === undefined && pglite !== undefined) return pglite
    if (closed) throw new Error('the database is closed')
    // Of several callers that saw it dead the first opens, the others wait for it above.
    if (performance.now() - failedAtMs > retryAfterMs) {
      failedAtMs = performance.now()
      opened = open()
    }
    return opened
  }

  /** Does it again once there is more room: a statement or transaction that the full disk refused has left nothing. */
  async function run<T>(work: (pglite: MortalPglite) => Promise<T>): Promise<T> {
    try {
      return await work(await alive())
    } catch (error) {
      const { code, severity } = error as { code?: string; severity?: string }
      // Of a panic it is not known what of it is left.
      if (code !== diskFull || severity !== 'ERROR' || !(await space?.makeRoom())) throw error
      return await work(await alive())
    }
  }

  return {
    query: (text, values, options) => run((pglite) => pglite.query(text, values, options)),
    exec: (text, options) => run((pglite) => pglite.exec(text, options)),
    transaction: (work) => run((pglite) => pglite.transaction(work)),
    listen: async (channel, onNotify) => {
      const key = Symbol(channel)
      await (await alive()).listen(channel, onNotify)
      listeners.set(key, { channel, onNotify })
      return async () => {
        listeners.delete(key)
        await (await alive()).unlisten(channel, onNotify)
      }
    },
    close: async () => {
      closed = true
      const pglite = await opened
      // Without room for the last checkpoint it is left as a kill would leave it; the next start recovers it.
      if (pglite.panicked !== undefined) return
      if (space !== undefined && !(await space.hasRoom())) await space.makeRoom()
      if (space === undefined || (await space.hasRoom())) await pglite.close()
    },
  }
}

/** Whether the database cannot write for want of space, or is being recovered: later it can. */
export function isOutOfSpace(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: string }
    if (code === diskFull || code === recovering) return true
  }
  return false
}

function lost(cause: unknown): Error {
  return Object.assign(new Error('the database is being recovered', { cause }), { code: recovering })
}

class MortalPglite extends PGlite {
  /** What it died of. */
  panicked: unknown

  override execProtocolRawSync(message: Uint8Array): Uint8Array {
    if (this.panicked !== undefined) {
      throw lost(this.panicked)
    }
    return super.execProtocolRawSync(message)
  }

  override async execProtocol(message: Uint8Array, options?: ExecProtocolOptions) {
    return super.execProtocol(message, options).catch((error: unknown) => this.#noteThePanic(error))
  }

  override async execProtocolStream(message: Uint8Array, options?: ExecProtocolOptions) {
    return super.execProtocolStream(message, options).catch((error: unknown) => this.#noteThePanic(error))
  }

  #noteThePanic(error: unknown): never {
    const { severity } = error as { severity?: string }
    if (severity === 'PANIC' || severity === 'FATAL') this.panicked = error
    throw error
  }
}
