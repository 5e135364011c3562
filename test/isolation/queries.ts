// What the parameters of queries name. Each is asked with what the owner has under it, and with what nobody has.
import { filterProperties } from '../../packages/server/src/store/job-filter.ts'
import type { Matrix } from './matrix.ts'
import { neverIssued } from './samples.ts'

export interface Question {
  /** Of the parameter; both of the same length where an answer may repeat them. */
  foreign: string
  missing: string
  /** What stands in each of them. */
  ids: [foreign: string, missing: string]
  /** The owner finds something by it. */
  found: boolean
}

type Ask = (matrix: Matrix) => Promise<Question[]> | Question[]

/** These say how much is listed, in which order, from when and from where, and name nothing that could be owned. */
export const namesNothing: readonly string[] = [
  '$top',
  '$orderBy',
  'types',
  'dataCenter',
  'extent',
  'acquisitionDateTime',
  'createdDateTime',
  'modifiedDateTime',
  'lastAccessedDateTime',
]

/** See `continuation-tokens.test.ts`. */
export const positions = 'continuationToken'

const named = (foreign: string, missing: string): Question => ({
  foreign,
  missing,
  ids: [foreign, missing],
  found: true,
})

const jobFilters: Record<(typeof filterProperties)[number], (matrix: Matrix) => Promise<[string, string]>> = {
  id: async ({ owner }) => [await owner.submittedJob(), neverIssued()],
  iTwinId: async ({ owner }) => [owner.iTwinId, neverIssued()],
  name: async ({ owner }) => [nameOf(await listedJob(owner)), 'nobody'],
  email: async ({ owner }) => [`${owner.org}-user@example.org`, 'nobody-atall-user@example.org'],
  type: async () => ['', ''],
  state: async () => ['', ''],
  createdDateTime: async () => ['', ''],
  inputId: async ({ owner }) => [owner.surveys[0], neverIssued()],
  outputId: async ({ owner }) => [(await listedJob(owner)).outputs[0]!.id, neverIssued()],
}

interface ListedJob {
  name: string
  outputs: { id: string }[]
}

async function listedJob(owner: Matrix['owner']): Promise<ListedJob> {
  const id = await owner.submittedJob()
  return (await owner.make('GET', `/realitydataanalysis/jobs/${id}`)).job
}

const nameOf = ({ name }: ListedJob) => name

/** Also in the company of the stranger's own, and by operators that leave out little. */
async function jobFilterQuestions(matrix: Matrix): Promise<Question[]> {
  const questions: Question[] = []
  for (const property of filterProperties) {
    const [foreign, missing] = await jobFilters[property](matrix)
    if (foreign === '') continue
    const of = (filter: (value: string) => string, found = true): Question => ({
      ...{ foreign: filter(foreign), missing: filter(missing), ids: [foreign, missing], found },
    })
    const { iTwinId } = matrix.stranger
    questions.push(
      of((value) => `${property} eq '${value}'`),
      of((value) => `${property} in ('${value}', '${iTwinId}')`),
      of((value) => `iTwinId eq ${iTwinId} or ${property} eq '${value}'`),
      of((value) => `iTwinId eq ${iTwinId} and ${property} eq '${value}'`, false),
    )
  }
  return questions
}

/** By parameter, or by route and parameter. */
export const questions: Record<string, Ask> = {
  iTwinId: ({ owner }) => [named(owner.iTwinId, neverIssued())],
  ownerId: ({ owner }) => [named(`${owner.org}-user`, 'nobody-ag-user')],
  tag: ({ owner }) => [named(`${owner.org}-tag`, 'nobody-ag-tag')],
  $search: ({ owner }) => [named(owner.org, 'nobody-ag')],
  '/realitydataanalysis/jobs $filter': jobFilterQuestions,
  '/reality-analysis/jobs $filter': jobFilterQuestions,
  '/reality-analysis/detectors $filter': async ({ owner }) => {
    await owner.detector()
    const [foreign, missing] = [`${owner.org}-label`, 'nobody-ag-label']
    const of = (filter: (value: string) => string) => ({
      ...{ foreign: filter(foreign), missing: filter(missing), found: true },
      ids: [foreign, missing] as [string, string],
    })
    return [of((value) => `labels eq '${value}'`), of((value) => `labels in ('${value}', 'car')`)]
  },
}
