// The OpenAPI 3.1 document of an API, made from the same declarations that its requests are validated by.
import type { EventDeclaration, Operation, OperationResponse, ResponseHeader } from '@alidade/contract'
import { ErrorResponse } from '@alidade/contract'
import type { TSchema } from 'typebox'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
type JsonObject = { [name: string]: Json }

export interface OpenApiInfo {
  title: string
  version: string
  description: string
}

export interface OpenApiOptions {
  /** Base of the server's URLs, without a slash at the end. */
  publicUrl: string
  info: OpenApiInfo
  /** Requests that this service makes, by their event type. */
  events?: Record<string, EventDeclaration> | undefined
}

/** The document of `operations`, in their order. A schema with a title becomes a component of that name. */
export function openApiDocument(operations: readonly Operation[], options: OpenApiOptions): JsonObject {
  const schemas = new SchemaComponents()
  const paths: { [path: string]: JsonObject } = {}
  for (const operation of operations) {
    for (const [i, pattern] of [operation.path, ...(operation.aliases ?? [])].entries()) {
      const path = pattern.replace(/:(\w+)/g, '{$1}')
      paths[path] ??= {}
      const documented = operationObject(operation, schemas)
      // Each place has to have an id of its own, and readers have to tell it from the first.
      if (i > 0) {
        documented.operationId = `${operation.id}-${i + 1}`
        documented.summary = `${operation.summary} (by its other path)`
      }
      paths[path][operation.method.toLowerCase()] = documented
    }
  }
  const tags = [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name }))
  return {
    openapi: '3.1.1',
    info: {
      ...options.info,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: options.publicUrl }],
    tags,
    paths,
    ...(options.events === undefined
      ? {}
      : {
          webhooks: Object.fromEntries(
            Object.entries(options.events).map(([type, event]) => [
              type,
              { post: eventObject(event, schemas) },
            ]),
          ),
        }),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An access token; any one of the scopes named with an operation is enough.',
        },
      },
      responses: { Fault: faultResponse(schemas) },
      schemas: schemas.all(),
    },
  }
}

function operationObject(operation: Operation, schemas: SchemaComponents): JsonObject {
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: operation.remarks,
    security: operation.scopes.map((scope) => ({ bearer: [scope] })),
    parameters: [
      ...parameters('path', operation.params, schemas),
      ...parameters('query', operation.query, schemas),
      ...parameters('header', operation.headers, schemas),
    ],
    ...(operation.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': media(operation.body, operation.bodyExamples, schemas) },
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.responses).map(([status, response]) => [
          status,
          responseObject(response, schemas),
        ]),
      ),
      default: { $ref: '#/components/responses/Fault' },
    },
  }
}

function eventObject(
  { summary, remarks, schema, example, headers }: EventDeclaration,
  schemas: SchemaComponents,
) {
  return {
    summary,
    description: remarks,
    parameters: Object.entries(headerObjects(headers)).map(([name, header]) => ({
      name,
      in: 'header',
      required: true,
      ...(header as JsonObject),
    })),
    requestBody: {
      required: true,
      content: { 'application/json': media(schema, { event: example }, schemas) },
    },
    responses: {
      '2XX': { description: 'Received. Anything else, and no answer in time: it is sent again.' },
    },
  }
}

function parameters(
  place: 'path' | 'query' | 'header',
  schema: TSchema | undefined,
  schemas: SchemaComponents,
): JsonObject[] {
  const { properties = {}, required = [] } = (plain(schema) ?? {}) as {
    properties?: Record<string, JsonObject>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: schemas.named(rest),
    }
  })
}

function responseObject(response: OperationResponse, schemas: SchemaComponents): JsonObject {
  return {
    description: response.description,
    ...(response.headers === undefined ? {} : { headers: headerObjects(response.headers) }),
    ...(response.schema === undefined
      ? {}
      : { content: { 'application/json': media(response.schema, response.examples, schemas) } }),
  }
}

function headerObjects(headers: Record<string, ResponseHeader>): JsonObject {
  return Object.fromEntries(
    Object.entries(headers).map(([name, { description, schema, example }]) => [
      name,
      { description, schema: plain(schema) as Json, ...(example === undefined ? {} : { example }) },
    ]),
  )
}

function media(
  schema: TSchema,
  examples: Record<string, unknown> | undefined,
  schemas: SchemaComponents,
): JsonObject {
  const named = Object.entries(examples ?? {}).map(([name, value]) => [name, { value: value as Json }])
  return {
    schema: schemas.named(plain(schema) as Json),
    ...(named.length === 0 ? {} : { examples: Object.fromEntries(named) }),
  }
}

function faultResponse(schemas: SchemaComponents): JsonObject {
  const description =
    'Any other fault: 400 a request that is not well formed, 405 a method that this path does not have, 413 a body ' +
    'above 1 MB, 415 a body that is not JSON, 500 a fault of the service.'
  return { description, content: { 'application/json': media(ErrorResponse, undefined, schemas) } }
}

/** Schemas with a title, moved out of the places where they are used. */
class SchemaComponents {
  readonly #schemas = new Map<string, Json>()

  /** `schema` with every titled schema inside, and itself, replaced by a reference. */
  named(schema: Json): Json {
    if (Array.isArray(schema)) return schema.map((item) => this.named(item))
    if (typeof schema !== 'object' || schema === null) return schema
    const inside = Object.fromEntries(
      Object.entries(schema).map(([name, value]) => [
        name,
        // These two hold values, not schemas.
        name === 'examples' || name === 'default' ? value : this.named(value),
      ]),
    )
    const title = inside.title
    if (typeof title !== 'string') return inside
    const known = this.#schemas.get(title)
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(inside)) {
      throw new RangeError(`two different schemas have the title '${title}'`)
    }
    this.#schemas.set(title, inside)
    return { $ref: `#/components/schemas/${title}` }
  }

  all(): JsonObject {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}

/** A schema as plain JSON, without what TypeBox keeps for itself. */
function plain(schema: TSchema | undefined): Json | undefined {
  return schema === undefined ? undefined : (JSON.parse(JSON.stringify(schema)) as Json)
}
