// The rows of the matrix: every operation of the documents that the running service serves, and what is served beside them.
import { publishedApis } from '../../packages/server/src/http/published-apis.ts'
import type { IsolatedService } from './isolated-service.ts'

export interface DocumentedRoute {
  /** `GET /path/{parameter}`. */
  name: string
  method: string
  /** With parameters in braces. */
  path: string
  /** Base path of the API, as its document is served there. */
  api: string
  parameters: string[]
  query: string[]
  /** Any one of them is enough; the first is that of everything. */
  scopes: string[]
  body: JsonSchema | undefined
  bodyExample: unknown
}

export interface JsonSchema {
  [name: string]: unknown
  properties?: Record<string, JsonSchema>
}

interface DocumentedOperation {
  security: { bearer: string[] }[]
  parameters: { name: string; in: string }[]
  requestBody?: {
    content: {
      'application/json': { schema: JsonSchema; examples?: Record<string, { value: unknown }> }
    }
  }
}

/** Asked without a token, about nobody. */
export const publicRoutes = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/docs',
  '/docs/docs.css',
  '/docs/docs.js',
  '/alidade/job-types',
  '/alidade/jwks.json',
  ...publishedApis.map(({ basePath }) => `${basePath}/openapi.json`),
]

/** Asked with a signed URL instead of a token; see `signed-urls.test.ts`. */
export const blobMethods = ['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'PATCH']
export const blobRoutes = ['/alidade-blobs/{container}', '/alidade-blobs/{container}/*']

/** What the documents say, and the HEAD of each GET. */
export async function documentedRoutes(service: IsolatedService): Promise<DocumentedRoute[]> {
  const routes: DocumentedRoute[] = []
  for (const { basePath } of publishedApis) {
    const { text } = await service.ask('GET', `${basePath}/openapi.json`)
    const { paths, components } = JSON.parse(text) as {
      paths: Record<string, Record<string, DocumentedOperation>>
      components: { schemas: Record<string, JsonSchema> }
    }
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const media = operation.requestBody?.content['application/json']
        const named = (place: string) =>
          operation.parameters.filter((parameter) => parameter.in === place).map(({ name }) => name)
        const methods = method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]
        for (const one of methods) {
          routes.push({
            ...{ name: `${one} ${path}`, method: one, path, api: basePath },
            ...{ parameters: named('path'), query: named('query') },
            scopes: operation.security.flatMap(({ bearer }) => bearer),
            body: media && inlined(media.schema, components.schemas),
            bodyExample: Object.values(media?.examples ?? {})[0]?.value,
          })
        }
      }
    }
  }
  return routes
}

/** The schema with what its references stand for in their places. */
function inlined(schema: JsonSchema, components: Record<string, JsonSchema>): JsonSchema {
  const reference = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1)! : undefined
  if (reference !== undefined) return inlined(components[reference]!, components)
  const inside = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? inlined(value as JsonSchema, components)
      : Array.isArray(value)
        ? value.map(inside)
        : value
  return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, inside(value)]))
}
