// Which methods a path answers: what a wrong method is told in `Allow`, and what tells 405 from 404.

export class KnownPaths {
  readonly #routes: { segments: string[]; methods: Set<string> }[] = []
  readonly #byPattern = new Map<string, { segments: string[]; methods: Set<string> }>()

  /** Adds a route in Fastify's notation: `/jobs/:jobId`, `/files/*`. */
  add(methods: string | readonly string[], pattern: string): void {
    const segments = segmentsOf(pattern)
    const key = segments.map((segment) => (segment.startsWith(':') ? ':' : segment)).join('/')
    let route = this.#byPattern.get(key)
    if (route === undefined) {
      route = { segments, methods: new Set() }
      this.#byPattern.set(key, route)
      this.#routes.push(route)
    }
    for (const method of typeof methods === 'string' ? [methods] : methods) route.methods.add(method)
  }

  /** The methods that a request path answers, sorted; empty when no route has it. */
  methodsOf(path: string): string[] {
    const asked = segmentsOf(path.split('?', 1)[0] ?? '')
    const methods = new Set<string>()
    for (const route of this.#routes) {
      if (!matches(route.segments, asked)) continue
      for (const method of route.methods) methods.add(method)
    }
    return [...methods].sort()
  }
}

/** Without letter case, empty segments and a slash at the end, as the router sees them. */
function segmentsOf(path: string): string[] {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => segment.toLowerCase())
}

function matches(pattern: string[], asked: string[]): boolean {
  if (pattern.at(-1) === '*') {
    return (
      asked.length >= pattern.length - 1 && matches(pattern.slice(0, -1), asked.slice(0, pattern.length - 1))
    )
  }
  return (
    pattern.length === asked.length &&
    pattern.every((segment, i) => segment.startsWith(':') || segment === asked[i])
  )
}
