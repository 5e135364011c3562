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
  /** The caller of `enter`, where the token was verified lately and its scopes will do. Counts nothing. */
  known(header: string | undefined, operation: Pick<Operation, 'scopes'>): Caller | undefined
  /** Counts one request of the caller; false where that is more than the limit. */
  count(caller: Caller): boolean
  /** The same as `enter` for a route that is no operation of the contract. */
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
    if (!mayCall(caller, operation)) return insufficientScope(operation.scopes)
    if (door.count(caller)) return undefined
    const facts = {
      tier: 'Standard',
      operation: operation.id,
      application: caller.clientId,
      nowMs: now().getTime(),
    }
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

    known(header, operation) {
      const caller = verifier.recall?.(header)
      return caller !== undefined && mayCall(caller, operation) ? caller : undefined
    },

    count({ clientId }) {
      return rateLimitPerMinute === 0 || requests.add(clientId, now().getTime()) <= rateLimitPerMinute
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

function mayCall({ scopes }: Caller, operation: Pick<Operation, 'scopes'>): boolean {
  return operation.scopes.some((scope) => scopes.includes(scope))
}

/** The verifier knows the fault, the operation knows the scopes: the challenge names both. */
function namingScopes(error: ApiError, scopes: readonly string[]): ApiError {
  const fault = error.code === 'HeaderNotFound' ? undefined : 'invalid_token'
  const headers = { 'www-authenticate': bearerChallenge(fault, scopes) }
  return new ApiError(error.code, error.message, { cause: error.cause, headers })
}
