// From the claims of a verified token to the caller, by names that a deployment can set.
import type { JWTPayload } from 'jose'
import type { Caller } from './caller.ts'

/** Names of claims; where several are given, the first that the token carries counts. `a.b` reaches into an object. */
export interface ClaimNames {
  org: readonly string[]
  user: readonly string[]
  email: readonly string[]
  client: readonly string[]
  scopes: readonly string[]
  roles: readonly string[]
  /** What a scope of the issuer means here, e.g. `{'Alidade.Read': 'realitydataanalysis:read'}`. */
  scopeNames?: Readonly<Record<string, string>>
}

export const defaultClaimNames: ClaimNames = {
  org: ['org'],
  user: ['sub'],
  email: ['email'],
  client: ['client_id', 'azp', 'sub'],
  scopes: ['scope', 'scp'],
  roles: ['roles'],
}

/** Undefined when the token names neither a user nor a client. A token without a tenant belongs to its issuer's. */
export function callerOf(claims: JWTPayload, issuer: string, names: ClaimNames): Caller | undefined {
  const user = firstText(claims, names.user)
  const clientId = firstText(claims, names.client) ?? user
  if (clientId === undefined) return undefined
  const scopes = firstList(claims, names.scopes)
  return {
    org: firstText(claims, names.org) ?? issuer,
    userId: user ?? clientId,
    email: firstText(claims, names.email) ?? '',
    clientId,
    scopes: scopes.map((scope) =>
      names.scopeNames !== undefined && Object.hasOwn(names.scopeNames, scope)
        ? (names.scopeNames[scope] as string)
        : scope,
    ),
    admin: firstList(claims, names.roles).includes('admin'),
  }
}

function firstText(claims: JWTPayload, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = claimNamed(claims, name)
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

/** A list as JSON or as words between spaces, the two ways in which issuers write scopes. */
function firstList(claims: JWTPayload, names: readonly string[]): string[] {
  for (const name of names) {
    const value = claimNamed(claims, name)
    if (typeof value === 'string') return value.split(/\s+/).filter((word) => word !== '')
    if (Array.isArray(value)) return value.filter((item): item is string => typeof item === 'string')
  }
  return []
}

function claimNamed(claims: JWTPayload, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let at: unknown = claims
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Record<string, unknown>)[part]
  }
  return at
}
