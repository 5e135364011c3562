// One HTTP operation, described once: the server validates by it, the types come from it, the OpenAPI document is
// made of it and the conformance tests replay it.
import type { TSchema } from 'typebox'

export type Scope =
  | 'itwin-platform'
  | 'realitydataanalysis:read'
  | 'realitydataanalysis:modify'
  | 'realitydata:read'
  | 'realitydata:modify'
  | 'webhooks:read'
  | 'webhooks:modify'

export interface ResponseHeader {
  description: string
  schema: TSchema
  example?: string | number
}

export interface OperationResponse {
  description: string
  /** Absent for an answer without a body (204, 304). */
  schema?: TSchema
  /** Named bodies, each valid under `schema`. The first is the documented one. */
  examples?: Record<string, unknown>
  headers?: Record<string, ResponseHeader>
}

export interface Operation {
  /** The published slug, e.g. `jobs-progress`. */
  id: string
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Fastify notation, e.g. `/realitydataanalysis/jobs/:jobId/progress`. */
  path: string
  /** Other paths of the same operation, with the same parameters: clients call them. */
  aliases?: readonly string[]
  tag: string
  summary: string
  remarks: string
  /** Any one of these is enough. */
  scopes: readonly Scope[]
  params?: TSchema
  query?: TSchema
  headers?: TSchema
  body?: TSchema
  bodyExamples?: Record<string, unknown>
  responses: Record<number, OperationResponse>
}

/** One request that this service makes, to a webhook. */
export interface EventDeclaration {
  summary: string
  remarks: string
  headers: Record<string, ResponseHeader>
  schema: TSchema
  example: unknown
}

/** Keeps the literal types of a declaration, so that handlers are typed by it. */
export function defineOperation<const T extends Operation>(operation: T): T {
  return operation
}
