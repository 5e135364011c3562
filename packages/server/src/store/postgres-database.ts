// PostgreSQL, for as many processes as there are: a pool for queries, one connection of its own for notifications.
import pg from 'pg'
import type { Database, QueryResult, Sql } from './database.ts'

/** Versions whose dialect and behaviour the tests run on; older ones lack parts of it. */
const oldestVersion = 15

export interface PostgresOptions {
  url: string
  /** A connection was lost; the next query opens another. */
  onError: (error: unknown) => void
  /** Connections of this process, the one for notifications aside. Default 10. */
  poolSize?: number
}

/** Throws when the server cannot be reached, refuses us or is too old. */
export async function openPostgres({ url, onError, poolSize = 10 }: PostgresOptions): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: 'alidade',
  })
  pool.on('error', onError)
  try {
    await checkServer(pool)
  } catch (error) {
    await pool.end()
    throw named(error, url)
  }
  const listeners = new NotificationListener(url, onError)
  return {
    kind: 'postgres',
    ...sqlOf(pool),
    prepared: async <Row>(name: string, text: string, values: unknown[]) => {
      const { rows, rowCount } = await pool.query({ name, text, values })
      return { rows: rows as Row[], rowCount: rowCount ?? 0 }
    },
    tx: (work) => transaction(pool, work),
    listen: (channel, onNotify) => listeners.listen(channel, onNotify),
    close: async () => {
      await listeners.close()
      await pool.end()
    },
  }
}

/** Says which server it was, without user and password; drivers say `connect ECONNREFUSED` and no more. */
function named(error: unknown, url: string): Error {
  const { host, pathname } = new URL(url)
  const { message, code } = error as NodeJS.ErrnoException
  const told = new Error(`PostgreSQL at ${host}${pathname}: ${message || code}`, { cause: error })
  return code === undefined ? told : Object.assign(told, { code })
}

async function checkServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ version: string; commit: string; lower: string }>(
    `select current_setting('server_version_num') as version, current_setting('synchronous_commit') as commit,
       lower('Ä') as lower`,
  )
  const { version, commit, lower } = rows[0]!
  const major = Math.floor(Number(version) / 10_000)
  if (major < oldestVersion)
    throw new Error(`expected PostgreSQL ${oldestVersion} or later, the server has ${major}`)
  // What we acknowledge has to be on its disk.
  if (commit === 'off')
    throw new Error(
      'the server has synchronous_commit off: what it acknowledges, a power cut would take back',
    )
  if (lower !== 'ä')
    throw new Error(
      'the locale of the database knows no letters beyond ASCII, so that searches would not find them; make it anew: ' +
        `create database alidade template template0 encoding 'UTF8' locale 'C.UTF-8'`,
    )
}

function sqlOf(connection: pg.Pool | pg.PoolClient): Sql {
  return {
    query: async <Row>(text: string, values?: unknown[]): Promise<QueryResult<Row>> => {
      const { rows, rowCount } = await connection.query(text, values)
      return { rows: rows as Row[], rowCount: rowCount ?? 0 }
    },
    script: async (text) => {
      await connection.query(text)
    },
  }
}

async function transaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken = true
  try {
    await client.query('begin')
    let result: T
    try {
      result = await work(sqlOf(client))
    } catch (error) {
      await client.query('rollback')
      broken = false
      throw error
    }
    await client.query('commit')
    broken = false
    return result
  } finally {
    // After a failed rollback or commit nobody knows what state the connection is in.
    client.release(broken)
  }
}

/** How long to wait before a lost connection for notifications is opened anew, in milliseconds. */
const reconnectMs = 1000

/**
 * One connection that listens to every channel asked for. When it is lost, it is opened anew, and every listener is
 * called with an empty payload: something may have been said meanwhile.
 */
class NotificationListener {
  readonly #url: string
  readonly #onError: (error: unknown) => void
  readonly #listeners = new Map<string, Set<(payload: string) => void>>()
  #client: Promise<pg.Client> | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(url: string, onError: (error: unknown) => void) {
    this.#url = url
    this.#onError = onError
  }

  async listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>> {
    const ofChannel = this.#listeners.get(channel) ?? new Set()
    const first = ofChannel.size === 0
    this.#listeners.set(channel, ofChannel.add(onNotify))
    const client = await this.#connected()
    if (first) await client.query(`listen ${pg.escapeIdentifier(channel)}`)
    return async () => {
      ofChannel.delete(onNotify)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    const client = await this.#client?.catch(() => undefined)
    await client?.end()
  }

  #connected(): Promise<pg.Client> {
    this.#client ??= this.#connect()
    return this.#client
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      keepAlive: true,
      application_name: 'alidade events',
    })
    client.on('notification', ({ channel, payload = '' }) => {
      for (const onNotify of this.#listeners.get(channel) ?? []) onNotify(payload)
    })
    client.on('error', (error) => this.#lost(error))
    client.on('end', () => this.#lost(new Error('the connection for notifications was closed')))
    try {
      await client.connect()
      for (const channel of this.#listeners.keys())
        await client.query(`listen ${pg.escapeIdentifier(channel)}`)
      return client
    } catch (error) {
      this.#client = undefined
      throw error
    }
  }

  #lost(error: unknown): void {
    if (this.#closed || this.#client === undefined) return
    this.#client = undefined
    this.#onError(error)
    this.#reconnect()
  }

  #reconnect(): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#connected().then(
        () => {
          for (const ofChannel of this.#listeners.values()) for (const onNotify of ofChannel) onNotify('')
        },
        (error: unknown) => {
          this.#onError(error)
          if (!this.#closed) this.#reconnect()
        },
      )
    }, reconnectMs)
  }
}
