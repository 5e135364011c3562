// The one door to the database: plain SQL in the PostgreSQL dialect. Adapters: PGlite (embedded), PostgreSQL.

export interface QueryResult<Row> {
  rows: Row[]
  /** Rows returned or changed. */
  rowCount: number
}

export interface Sql {
  /** Runs one statement; `$1`, `$2`, ... stand for `values`. */
  query<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<QueryResult<Row>>
  /** Runs several statements without values, e.g. a migration. */
  script(text: string): Promise<void>
}

export interface Database extends Sql {
  readonly kind: 'pglite' | 'postgres'
  /** Like `query`, for the few statements that are run thousands of times: parsed and planned once under this name. */
  prepared<Row>(name: string, text: string, values: unknown[]): Promise<QueryResult<Row>>
  /** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
  tx<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  /** Calls back for every `notify` on the channel, from this process or another, until the returned function is called. */
  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}
