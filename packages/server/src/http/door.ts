// What every operation passes first: the token, its scopes, the rate limit. Nothing is looked up before.
import type { Operation } from '@alidade/contract'
import type { FastifyRequest } from 'fastify'
import { bearerChallenge, insufficientScope } from '../auth/bearer-challenge.ts'
import type { Caller, TokenVerifier } from '../auth/caller.ts'
import { ApiError } from './api-error.ts'
import { type ApiFamily, apiFamily } from './api-family.ts'
import { addressKey, MinuteCounter, tooManyRequests } from './rate-limit.ts'

/** Default of `failuresPerMinute`. */
export const defaultFailuresPerMinute = 600

export interface DoorOptions {
  verifier: TokenVerifier
  /** Requests per minute and client id; 0: no limit. */
  rateLimitPerMinute: number
  /** Tokens of one address that may fail within a minute before the address is refused unread; default 600. */
  failuresPerMinute?: number
  now: () => Date
}

export interface Door {
  /** Sets `request.caller` and calls `done`, or calls it with the ApiError that refuses the request. */
  enter(
    request: FastifyRequest,
    operation: Pick<Operation, 'id' | 'scopes'>,
    family: ApiFamily,
    done: (error?: Error) => void,
  ): void
  /** The same for a route that is no operation of the contract. */
  admit(request: FastifyRequest, operation: Pick<Operation, 'id' | 'scopes'>): Promise<Caller>
}

declare module 'fastify' {
  interface FastifyInstance {
    door: Door
  }
  interface FastifyRequest {
    /** Set on the routes of operations once the token was verified. */
    caller: Caller
  }
}

export function openDoor({
  verifier,
  rateLimitPerMinute,
  failuresPerMinute = defaultFailuresPerMinute,
  now,
}: DoorOptions): Door {
  const requests = new MinuteCounter()
  const failures = new MinuteCounter()

  function pass(caller: Caller, operation: Pick<Operation, 'id' | 'scopes'>, family: ApiFamily) {
    if (!operation.scopes.some((scope) => caller.scopes.includes(scope))) {
      return insufficientScope(operation.scopes)
    }
    if (rateLimitPerMinute === 0) return undefined
    const nowMs = now().getTime()
    if (requests.add(caller.clientId, nowMs) <= rateLimitPerMinute) return undefined
    const facts = { tier: 'Standard', operation: operation.id, application: caller.clientId, nowMs }
    return tooManyRequests(family, facts)
  }

  const door: Door = {
    enter(request, operation, family, done) {
      const header = request.raw.headers.authorization
      const known = verifier.recall?.(header)
      if (known !== undefined) {
        request.caller = known
        done(pass(known, operation, family))
        return
      }
      const nowMs = now().getTime()
      const address = addressKey(request.ip)
      // A token that was verified lately passes above: one bad client does not lock out its neighbours.
      if (failures.count(address, nowMs) >= failuresPerMinute) {
        done(tooManyRequests(family, { tier: 'Address', operation: operation.id, application: '', nowMs }))
        return
      }
      verifier.verify(header).then(
        (caller) => {
          request.caller = caller
          done(pass(caller, operation, family))
        },
        (error) => {
          if (!(error instanceof ApiError) || error.status !== 401) return done(error)
          failures.add(address, nowMs)
          done(namingScopes(error, operation.scopes))
        },
      )
    },

    admit(request, operation) {
      return new Promise((resolve, reject) => {
        const family = apiFamily(request.url)
        door.enter(request, operation, family, (error) =>
          error === undefined ? resolve(request.caller) : reject(error),
        )
      })
    },
  }
  return door
}

/** The verifier knows the fault, the operation knows the scopes: the challenge names both. */
function namingScopes(error: ApiError, scopes: readonly string[]): ApiError {
  const fault = error.code === 'HeaderNotFound' ? undefined : 'invalid_token'
  const headers = { 'www-authenticate': bearerChallenge(fault, scopes) }
  return new ApiError(error.code, error.message, { cause: error.cause, headers })
}
