// A cell of the matrix: two requests that differ in one id alone, and what must be alike in their answers.
import { expect } from 'vitest'
import { type IsolatedService, startIsolatedService } from './isolated-service.ts'
import { type Answer, likeness, withoutAsked } from './likeness.ts'
import { type DocumentedRoute, documentedRoutes } from './routes.ts'
import { openTenant, type Tenant } from './tenants.ts'

export interface Matrix {
  service: IsolatedService
  routes: DocumentedRoute[]
  /** Whose things are asked for. */
  owner: Tenant
  /** Who asks. */
  stranger: Tenant
  /** Has nothing to do with either. */
  third: Tenant
  /** How many cells were filled. */
  cells: number
  stop(): Promise<void>
}

/** `postgresUrl`: a running PostgreSQL; default: the embedded database. */
export async function openMatrix(postgresUrl?: string): Promise<Matrix> {
  const service = await startIsolatedService(postgresUrl)
  return {
    service,
    routes: await documentedRoutes(service),
    // Of the same length, as are all names that are made of them.
    owner: await openTenant(service, 'acme-gmbh'),
    stranger: await openTenant(service, 'evil-gmbh'),
    third: await openTenant(service, 'else-gmbh'),
    cells: 0,
    stop: () => service.stop(),
  }
}

/** One side of a cell: the answers to a request, or to several in a row, and the ids that were in it. */
export interface Side {
  answers: Answer[]
  asked: string[]
}

/** Fills a cell. What a stranger is told holds nothing of the owner but what the stranger said. */
export function compare(matrix: Matrix, cell: string, foreign: Side, missing: Side): void {
  const alike = (side: Side) => side.answers.map((answer) => likeness(answer, side.asked))
  expect(alike(foreign), cell).toEqual(alike(missing))
  for (const answer of foreign.answers) tellsNothing(matrix.owner, answer, foreign.asked, cell)
  matrix.cells++
}

export function tellsNothing(owner: Tenant, { headers, text }: Answer, asked: string[], cell: string): void {
  const told = withoutAsked(JSON.stringify(headers) + text, asked).toLowerCase()
  const found = [...owner.secrets].filter((secret) => told.includes(secret.toLowerCase()))
  expect(found, `${cell}: the answer tells of another tenant`).toEqual([])
}

/** Does `attempt`, after which the owner has to find everything as it was. */
export async function changesNothing(
  { owner, service }: Matrix,
  attempt: () => Promise<void>,
): Promise<void> {
  const before = await owner.seen()
  const containers = await service.containers()
  // What is written down now says so.
  service.clock.now = new Date(service.clock.now.getTime() + 61_000)
  await attempt()
  expect(await owner.seen(), 'what the owner has was changed').toBe(before)
  const after = await service.containers()
  // The stranger may have made new ones.
  const changed = [...containers].filter(([id, hash]) => after.get(id) !== hash)
  expect(changed, 'files were changed').toEqual([])
}
