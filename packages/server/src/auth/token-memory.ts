// Who stands behind the tokens that were verified lately, so that a signature is checked once and not at each poll: a
// check costs a hundred times a look-up.
import type { Caller } from './caller.ts'

interface Entry {
  header: string
  caller: Caller
  expiresMs: number
}

/**
 * Callers by their Authorization header, the longest unused forgotten first. By the whole header: a collision-proof hash
 * of it costs more than all else that is done for a remembered token, and these are verified tokens in the memory of a
 * process that holds the signing key too.
 */
export class TokenMemory {
  readonly #limit: number
  /** By the end of the header, part of the signature: to hash all of it would cost more than to compare all of it. */
  readonly #entries = new Map<string, Entry>()
  #characters = 0
  #revision = 0

  /** `limitCharacters`: of all remembered headers together. */
  constructor(limitCharacters: number) {
    this.#limit = limitCharacters
  }

  recall(header: string, revision: number, nowMs: number): Caller | undefined {
    if (revision !== this.#revision) this.#forgetAll(revision)
    const key = keyOf(header)
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.header !== header) return undefined
    if (entry.expiresMs <= nowMs) {
      this.#forget(key, entry)
      return undefined
    }
    // While there is room for as many again, nobody is forgotten, so it does not matter who was here last.
    if (this.#characters * 2 > this.#limit) {
      this.#entries.delete(key)
      this.#entries.set(key, entry)
    }
    return entry.caller
  }

  /** `revision` is the one under which the token was checked: if it is past, the token is not kept. */
  keep(header: string, caller: Caller, expiresMs: number, revision: number): void {
    if (revision !== this.#revision || header.length > this.#limit) return
    const key = keyOf(header)
    const before = this.#entries.get(key)
    if (before !== undefined) this.#forget(key, before)
    for (const [oldest, entry] of this.#entries) {
      if (this.#characters + header.length <= this.#limit) break
      this.#forget(oldest, entry)
    }
    this.#characters += header.length
    this.#entries.set(key, { header, caller, expiresMs })
  }

  #forget(key: string, { header }: Entry): void {
    this.#entries.delete(key)
    this.#characters -= header.length
  }

  #forgetAll(revision: number): void {
    this.#entries.clear()
    this.#characters = 0
    this.#revision = revision
  }
}

/** Whoever copies the end of another's token finds that entry, and not that token. */
function keyOf(header: string): string {
  return header.slice(-32)
}
