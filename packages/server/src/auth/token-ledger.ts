// What the built-in issuer remembers of its tokens: which it made, and which it took back.
import { readFileSync, statSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A token that was made; the token itself is kept nowhere. Times are ISO 8601. */
export interface IssuedToken {
  jti: string
  subject: string
  org?: string
  client: string
  email?: string
  scope: string
  role?: string
  issuedDateTime: string
  expiresDateTime: string
}

export interface TokenLedger {
  recordIssued(token: IssuedToken): Promise<void>
  recordRevoked(jti: string, now: Date): Promise<void>
  /** In the order in which they were made. */
  issued(): Promise<IssuedToken[]>
  /** Knows of a revocation by another process after two seconds at the latest. */
  isRevoked(jti: string): boolean
  /** Grows whenever a revocation was found, by this process or another. */
  revision(): number
}

/** How long a reader may go without looking at the file of revocations, in milliseconds. */
const lookEveryMs = 1000

/**
 * Two files that only ever grow by whole lines, so that the server and several commands can write them at the same time
 * without a lock.
 */
export class FolderTokenLedger implements TokenLedger {
  readonly #issuedPath: string
  readonly #revokedPath: string
  #revoked = new Set<string>()
  #revision = 0
  #seenSizeBytes = 0
  #lookedAtMs = Number.NEGATIVE_INFINITY

  constructor(keysFolder: string) {
    this.#issuedPath = join(keysFolder, 'issued.jsonl')
    this.#revokedPath = join(keysFolder, 'revoked.jsonl')
  }

  async recordIssued(token: IssuedToken): Promise<void> {
    await appendFile(this.#issuedPath, `${JSON.stringify(token)}\n`, { mode: 0o600, flush: true })
  }

  async recordRevoked(jti: string, now: Date): Promise<void> {
    const line = JSON.stringify({ jti, revokedDateTime: now.toISOString() })
    await appendFile(this.#revokedPath, `${line}\n`, { mode: 0o600, flush: true })
    this.#lookedAtMs = Number.NEGATIVE_INFINITY
  }

  async issued(): Promise<IssuedToken[]> {
    const text = await readFile(this.#issuedPath, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    return lines<IssuedToken>(text)
  }

  isRevoked(jti: string): boolean {
    this.#look()
    return this.#revoked.has(jti)
  }

  revision(): number {
    this.#look()
    return this.#revision
  }

  // Looks at the file's size once a second, when somebody asks: a watcher would have to be closed, and tells nothing
  // on network file systems. One stat takes some microseconds.
  #look(): void {
    const nowMs = performance.now()
    if (nowMs - this.#lookedAtMs < lookEveryMs) return
    this.#lookedAtMs = nowMs
    const sizeBytes = statSync(this.#revokedPath, { throwIfNoEntry: false })?.size ?? 0
    if (sizeBytes === this.#seenSizeBytes) return
    this.#seenSizeBytes = sizeBytes
    this.#revoked = new Set(
      lines<{ jti: string }>(readFileSync(this.#revokedPath, 'utf8')).map(({ jti }) => jti),
    )
    this.#revision++
  }
}

/** The lines that are whole; the last one may still be on its way to the disk. */
function lines<T>(text: string): T[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}
