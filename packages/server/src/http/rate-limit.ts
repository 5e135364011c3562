// Counters of requests per minute: one by client id for those whose token was verified, one by address for those
// whose token was not.
//
// Our own and not @fastify/rate-limit, for two reasons. The order of events: failures are counted by address after
// they are known while the cap is checked before, and the plugin counts where it checks. And the cost: the plugin
// adds a hook that waits for its store and three headers to every answer; this is one Map lookup on the path that
// answers progress.
//
// A window is one clock minute, so a client that times it well can send twice its limit around the turn of the
// minute. Counts are per process.

import { type ApiError, publishedApiError } from './api-error.ts'
import type { ApiFamily } from './api-family.ts'

const windowMs = 60_000

/** Counts by key within the current minute. Memory is bounded: beyond `maxKeys` the oldest key is forgotten. */
export class MinuteCounter {
  readonly #maxKeys: number
  #counts = new Map<string, number>()
  #window = Number.NaN

  constructor(maxKeys = 200_000) {
    this.#maxKeys = maxKeys
  }

  /** The count of `key` in the minute of `nowMs`, after adding one. */
  add(key: string, nowMs: number): number {
    this.#turn(nowMs)
    const count = (this.#counts.get(key) ?? 0) + 1
    if (count === 1 && this.#counts.size >= this.#maxKeys) {
      const oldest = this.#counts.keys().next()
      if (!oldest.done) this.#counts.delete(oldest.value)
    }
    this.#counts.set(key, count)
    return count
  }

  /** The count of `key` in the minute of `nowMs`. */
  count(key: string, nowMs: number): number {
    this.#turn(nowMs)
    return this.#counts.get(key) ?? 0
  }

  get size(): number {
    return this.#counts.size
  }

  #turn(nowMs: number): void {
    const window = Math.floor(nowMs / windowMs)
    if (window === this.#window) return
    this.#window = window
    this.#counts = new Map()
  }
}

/** Whole seconds until the minute of `nowMs` is over, at least 1. */
export function secondsToNextMinute(nowMs: number): number {
  return Math.max(1, Math.ceil((windowMs - (nowMs % windowMs)) / 1000))
}

export function tooManyRequests(
  family: ApiFamily,
  facts: { tier: string; operation: string; application: string; nowMs: number },
): ApiError {
  return publishedApiError(family.rateLimitCode, {
    'retry-after': String(secondsToNextMinute(facts.nowMs)),
    'itwinplatform-ratelimited-tier': facts.tier,
    'itwinplatform-ratelimited-api': family.name,
    'itwinplatform-ratelimited-operation': facts.operation,
    'itwinplatform-ratelimited-application': headerSafe(facts.application),
  })
}

/** A client id may hold any character; a header value may not. */
function headerSafe(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}

/**
 * What failures of an address are counted under: the address itself, or for IPv6 its /64, since whoever has one of
 * those addresses has all of them.
 */
export function addressKey(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = ''] = address.split('::')
  return `${head.split(':').slice(0, 4).join(':')}::/64`
}
