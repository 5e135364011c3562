// What is asked for by ids in paths: the cells of every route that has some.
import { expect } from 'vitest'
import { strangersAt } from './callers.ts'
import { changesNothing, compare, type Matrix, type Side } from './matrix.ts'
import type { DocumentedRoute } from './routes.ts'
import { ownValues, pathWith, sampleOf, takesITwin } from './samples.ts'

/** Fills the cells of those of `routes` that have ids in their paths. */
export async function askByPaths(matrix: Matrix, routes: DocumentedRoute[]): Promise<void> {
  const { owner } = matrix
  const toRead = new Map<string, Record<string, string>>()
  for (const route of routes.filter(({ parameters }) => parameters.length > 0)) {
    // What is only read can be asked for again; everything else gets things of its own.
    const kind = `${route.api} ${route.parameters.join()}`
    const reads = route.method === 'GET' || route.method === 'HEAD'
    const things = (reads ? toRead.get(kind) : undefined) ?? (await ownValues(route, owner))
    if (reads) toRead.set(kind, things)
    await changesNothing(matrix, () => fillCells(matrix, route, things))
    // They were the owner's all along: otherwise nothing was shown above.
    const body = bodyOf(route, owner.iTwinId)
    const answer = await owner.ask(route.method, pathWith(route, things), { body })
    expect([route.name, answer.status < 300, answer.text]).toEqual([route.name, true, answer.text])
    // What is published everybody may see.
    if (route.path.endsWith('/publish')) {
      await owner.make('POST', pathWith(route, things).replace(/publish$/, 'unpublish'))
    }
  }
}

async function fillCells(
  matrix: Matrix,
  route: DocumentedRoute,
  things: Record<string, string>,
): Promise<void> {
  const { service, owner, stranger } = matrix
  const names = route.parameters.filter((name) => sampleOf(name).missing !== undefined)
  for (const caller of await strangersAt(route, { service, owner, stranger })) {
    for (const places of caller.admitted ? subsets(names) : [names]) {
      const mixed = places.length < names.length
      const own = mixed ? await ownValues(route, stranger) : things
      const ask = async (values: Record<string, string>): Promise<Side> => {
        const { authorization } = caller
        const body = bodyOf(route, stranger.iTwinId)
        const answer = await service.ask(route.method, pathWith(route, values), { authorization, body })
        return { answers: [answer], asked: Object.values(values).filter((value) => value !== '1.0') }
      }
      const nothing = (name: string) =>
        mixed && isTaken(route, name) ? matrix.third.iTwinId : sampleOf(name).missing!(things[name]!)
      const of = (value: (name: string) => string) => ({
        ...own,
        ...Object.fromEntries(places.map((name) => [name, value(name)])),
      })
      const cell = `${route.name}, ${caller.name}, foreign ${places.join(' and ')}`
      for (const spelled of caller.admitted ? [asItIs, inCapitals] : [asItIs]) {
        const foreign = await ask(of((name) => spelled(things[name]!)))
        const missing = await ask(of((name) => spelled(nothing(name))))
        const [{ status, text }] = foreign.answers as [Side['answers'][0]]
        expect(caller.admitted ? [404, 422] : [401], `${cell}: ${text}`).toContain(status)
        compare(matrix, cell, foreign, missing)
      }
    }
  }
}

/** No id, and no name of a detector, is told apart by letter case. */
const asItIs = (id: string) => id
const inCapitals = (id: string) => id.toUpperCase()

function isTaken({ name }: DocumentedRoute, parameter: string): boolean {
  return parameter === 'iTwinId' && takesITwin.includes(name)
}

/** All but the empty one. */
function subsets(names: string[]): string[][] {
  const sets = Array.from({ length: 2 ** names.length }, (_, bits) =>
    names.filter((_name, i) => bits & (1 << i)),
  )
  return sets.slice(1)
}

/** The body that the route takes, with nothing in it that is not the asker's own. */
const bodies: Record<string, object> = {
  'PATCH /reality-management/reality-data/{realityDataId}': { displayName: 'mine' },
  'POST /reality-analysis/detectors/{detectorName}/versions': {
    versionNumber: '2.0',
    capabilities: { labels: ['crack'], exports: ['Lines'] },
  },
}

export function bodyOf(route: DocumentedRoute, iTwinId: string): object | undefined {
  if (route.body === undefined) return undefined
  const body = bodies[route.name] ?? (route.bodyExample as object)
  return 'iTwinId' in body ? { ...body, iTwinId } : body
}
