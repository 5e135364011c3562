// The list of jobs over HTTP: every filter on real rows, compared with the filter's meaning written down in
// JavaScript a second time; pages; what a caller may see.
import { randomUUID } from 'node:crypto'
import { type Job, jobErrorMessage } from '@alidade/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RequestedSettings } from '../../store/job-record.ts'
import { startV1TestServer, type V1TestServer } from './v1-test-server.ts'

const path = '/realitydataanalysis/jobs'
const [quarry, bridge, foreignITwin] = [
  'aaaaaaaa-0000-4000-8000-000000000001',
  'bbbbbbbb-0000-4000-8000-000000000002',
  'cccccccc-0000-4000-8000-000000000003',
]
const clouds = ['01', '02', '03', '04'].map((tail) => `dddddddd-0000-4000-8000-0000000000${tail}`)
const names = ['Alpha', 'alpha', 'Ärger', "O'Brien (1)", 'beta, gamma', 'Zulu', '日本', 'alpha and beta']
const people = [
  { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' },
  { org: 'acme', userId: 'bob', email: '', clientId: 'sdk' },
] as const
const states = ['unsubmitted', 'active', 'cancelled', 'failed'] as const

let server: V1TestServer
/** All jobs of the tenant with whoever made them, newest first. */
let rows: { job: Job; userId: string }[]

beforeAll(async () => {
  server = await startV1TestServer()
  await server.realityData.claimITwin('acme', quarry)
  await server.realityData.claimITwin('acme', bridge)
  await server.realityData.claimITwin('other', foreignITwin)
  const made: { id: string; userId: string }[] = []
  for (let i = 0; i < 24; i++) {
    // Pairs are created in the same millisecond, and all within three seconds.
    server.clock.now = new Date(Date.UTC(2026, 3, 2, 8) + Math.floor(i / 2) * 250)
    const owner = people[i % 3 === 0 ? 1 : 0]!
    const settings: RequestedSettings = {
      type: 'changeDetection',
      name: names[i % names.length]!,
      inputs: [
        { name: 'modelA', realityDataId: clouds[i % 4]! },
        { name: 'modelB', realityDataId: clouds[(i * 3 + 1) % 4]! },
      ],
      outputs: i % 2 === 0 ? ['objects3D'] : ['objects3D', 'exportedLocations3DGeoJSON'],
      options: {},
      optionsSent: undefined,
      costParameters: undefined,
    }
    const { id } = await server.jobs.create(owner, i % 5 === 0 ? bridge : quarry, settings)
    const state = states[i % states.length]!
    if (state !== 'unsubmitted') await server.jobs.submit('acme', id, [])
    if (state === 'cancelled') await server.jobs.cancel('acme', id)
    if (state === 'failed') {
      let claimed = await server.jobs.claim('agent')
      while (claimed !== undefined && claimed.id !== id) claimed = await server.jobs.claim('agent')
      await server.jobs.fail({ jobId: id, attempt: claimed!.attempt }, [
        jobErrorMessage('Internal', 'a test'),
      ])
    }
    made.push({ id, userId: owner.userId })
  }
  // Another tenant's job, which nobody here may ever see.
  const theirs = { ...people[0], org: 'other' }
  await server.jobs.create(theirs, foreignITwin, { ...emptySettings, name: 'Alpha' })
  const jobs = await Promise.all(
    made.map(async ({ id, userId }) => {
      const record = (await server.jobs.get('acme', id))!
      const { json } = await server.ask('GET', `${path}/${id}`)
      return { job: json.job as Job, userId, createdAt: record.createdAt.getTime() }
    }),
  )
  rows = jobs.sort((a, b) => b.createdAt - a.createdAt || (a.job.id < b.job.id ? -1 : 1))
})
afterAll(() => server.stop())

const emptySettings: RequestedSettings = {
  ...{ type: 'changeDetection', name: 'x', inputs: [], outputs: [], options: {} },
  ...{ optionsSent: undefined, costParameters: undefined },
}

const list = (parameters: Record<string, string>, authorization?: string) =>
  server.ask('GET', `${path}?${new URLSearchParams(parameters)}`, {
    ...(authorization !== undefined && { authorization }),
  })
const idsOf = (jobs: { id: string }[]) => jobs.map(({ id }) => id)

type Meaning = (job: Job) => boolean
const inputIds = (job: Job) => job.inputs.map(({ id }) => id)
const outputIds = (job: Job) => job.outputs.map(({ id }) => id)
/** Compared as PostgreSQL's collation "C" does: by code point. */
const before = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
const at = '2026-04-02T08:00:01Z'
const [c1, c2] = clouds as [string, string]

// For the filters that name no iTwin the caller's own jobs are the ones looked through.
const filters: [filter: string | (() => string), meaning: Meaning, wholeTenant?: true][] = [
  [`iTwinId eq ${quarry}`, (job) => job.iTwinId === quarry, true],
  [`ITWINID EQ '${quarry.toUpperCase()}'`, (job) => job.iTwinId === quarry, true],
  [`iTwinId in ('${quarry}','${bridge}')`, () => true, true],
  [`iTwinId in ('${bridge}')`, (job) => job.iTwinId === bridge, true],
  [`iTwinId eq ${quarry} or iTwinId eq ${bridge}`, () => true, true],
  [`iTwinId eq ${foreignITwin}`, () => false, true],
  [`iTwinId ne ${quarry}`, (job) => job.iTwinId !== quarry],
  [`iTwinId ge ${bridge}`, (job) => job.iTwinId >= bridge],
  [
    `iTwinId eq ${quarry} and state eq active`,
    (job) => job.iTwinId === quarry && job.state === 'active',
    true,
  ],
  [`iTwinId eq ${quarry} or state eq active`, (job) => job.iTwinId === quarry || job.state === 'active'],
  ['state eq active', (job) => job.state === 'active'],
  ['State eq Active', (job) => job.state === 'active'],
  ["state ne 'active'", (job) => job.state !== 'active'],
  ["state in ('cancelled','FAILED')", (job) => job.state === 'cancelled' || job.state === 'failed'],
  ['state eq pending', () => false],
  ['type eq changeDetection', () => true],
  ["type in ('objects2D','changeDetection')", () => true],
  ['type eq objects2D', () => false],
  ['type ne objects2D', () => true],
  ['type ne changeDetection', () => false],
  ["name eq 'Alpha'", (job) => job.name === 'Alpha'],
  ["name ne 'Alpha'", (job) => job.name !== 'Alpha'],
  ["name eq 'O''Brien (1)'", (job) => job.name === "O'Brien (1)"],
  ["name in ('beta, gamma', 'Ärger')", (job) => job.name === 'beta, gamma' || job.name === 'Ärger'],
  ["name lt 'alpha'", (job) => before(job.name, 'alpha')],
  ["name le 'alpha'", (job) => !before('alpha', job.name)],
  ["name gt 'alpha'", (job) => before('alpha', job.name)],
  ["name ge 'alpha'", (job) => !before(job.name, 'alpha')],
  ["email eq ''", (job) => job.email === ''],
  ["email eq 'ada@example.org'", (job) => job.email === 'ada@example.org'],
  [`createdDateTime eq ${at}`, (job) => job.createdDateTime === at],
  [`createdDateTime ne ${at}`, (job) => job.createdDateTime !== at],
  [`createdDateTime lt ${at}`, (job) => job.createdDateTime < at],
  [`createdDateTime le '${at}'`, (job) => job.createdDateTime <= at],
  [`createdDateTime gt ${at}`, (job) => job.createdDateTime > at],
  [`createdDateTime ge 2026-04-02T10:00:01+02:00`, (job) => job.createdDateTime >= at],
  ['createdDateTime ge 2026-04-03', () => false],
  [`createdDateTime in ('2026-04-02T08:00:00Z', 2026-04-02T08:00:02Z)`, (job) => job.createdDateTime !== at],
  [`inputId eq ${c1}`, (job) => inputIds(job).includes(c1)],
  [`inputId ne ${c1}`, (job) => !inputIds(job).includes(c1)],
  [`inputId in ('${c1}','${c2.toUpperCase()}')`, (job) => inputIds(job).some((id) => id === c1 || id === c2)],
  [`inputId gt ${c2}`, (job) => inputIds(job).some((id) => id > c2)],
  ["inputId eq 'library-detector'", () => false],
  [() => `outputId eq ${outputIds(rows[3]!.job)[0]}`, (job) => job === rows[3]!.job],
  [() => `outputId ne '${outputIds(rows[3]!.job)[0]}'`, (job) => job !== rows[3]!.job],
  [() => `id eq ${rows[5]!.job.id}`, (job) => job === rows[5]!.job],
  [
    () => `id in (${rows.slice(2, 9).map(({ job }) => `'${job.id}'`)})`,
    (job) => rows.slice(2, 9).some((row) => row.job === job),
  ],
  [() => `id lt ${rows[5]!.job.id}`, (job) => job.id < rows[5]!.job.id],
  [
    "state eq active or state eq failed and name eq 'Alpha'",
    (job) => job.state === 'active' || (job.state === 'failed' && job.name === 'Alpha'),
  ],
  [
    "(state eq active or state eq failed) and name eq 'Alpha'",
    (job) => (job.state === 'active' || job.state === 'failed') && job.name === 'Alpha',
  ],
  [
    `((state eq active) or (state ne failed and (inputId eq ${c1} or name ge 'b'))) and createdDateTime gt 2026-04-02T08:00:00Z`,
    (job) =>
      (job.state === 'active' ||
        (job.state !== 'failed' && (inputIds(job).includes(c1) || !before(job.name, 'b')))) &&
      job.createdDateTime > '2026-04-02T08:00:00Z',
  ],
]

test.each(filters.map(([filter, ...rest]) => [String(filter), filter, ...rest] as const))(
  'the filter %s finds what it means',
  async (_, filter, meaning, wholeTenant) => {
    const $filter = typeof filter === 'function' ? filter() : filter
    const { status, json } = await list({ $filter })
    expect(status, JSON.stringify(json)).toBe(200)
    const visible = rows.filter(({ userId }) => wholeTenant === true || userId === 'ada')
    expect(idsOf(json.jobs)).toEqual(idsOf(visible.filter(({ job }) => meaning(job)).map(({ job }) => job)))
    expect(json).not.toHaveProperty('_links')
  },
)

test('the filters tell jobs apart: most find some and leave some out', () => {
  const telling = filters.filter(([, meaning]) => {
    const found = rows.filter(({ job }) => meaning(job)).length
    return found > 0 && found < rows.length
  })
  expect(telling.length).toBeGreaterThan(30)
})

test('without a filter the caller’s own jobs are listed, newest first, each as it is shown alone', async () => {
  for (const [query, subject] of [
    ['', 'ada'],
    ['?$filter=', 'ada'],
    ['?%24filter=+&continuationToken=', 'bob'],
  ] as const) {
    const authorization = await server.authorization({ subject })
    const { json } = await server.ask('GET', `${path}${query}`, { authorization })
    expect(json).toEqual({ jobs: rows.filter(({ userId }) => userId === subject).map(({ job }) => job) })
  }
})

test('plus signs stand for spaces, and the parameter’s letter case is free', async () => {
  const { json } = await server.ask('GET', `${path}?%24Filter=state+eq+'active'&$TOP=1000`)
  expect(json.jobs).toHaveLength(
    rows.filter(({ job, userId }) => job.state === 'active' && userId === 'ada').length,
  )
})

test('another tenant sees none of these jobs, whatever it asks for', async () => {
  const authorization = await server.authorization({ org: 'other', subject: 'ada' })
  for (const $filter of [
    `iTwinId eq ${quarry}`,
    `iTwinId eq ${foreignITwin}`,
    `id ge ${'0'.repeat(8)}-0000-0000-0000-000000000000`,
  ]) {
    const { json } = await list({ $filter }, authorization)
    expect(json.jobs.filter((job: Job) => rows.some((row) => row.job.id === job.id))).toEqual([])
  }
  expect((await list({ $filter: `iTwinId eq ${foreignITwin}` }, authorization)).json.jobs).toHaveLength(1)
})

test('asking for an iTwin does not claim it', async () => {
  const unclaimed = randomUUID()
  await list({ $filter: `iTwinId eq ${unclaimed}` })
  expect(await server.realityData.claimITwin('other', unclaimed)).toBe(true)
})

/** Follows the links from page to page as clients do; the base is that of the public URL. */
async function pages(first: string): Promise<Job[][]> {
  const found: Job[][] = []
  let next: string | undefined = first
  while (next !== undefined) {
    const { status, json } = await server.ask('GET', next)
    expect(status, next).toBe(200)
    found.push(json.jobs)
    const href: string | undefined = json._links?.next.href
    if (href !== undefined)
      expect(href).toMatch(/^https:\/\/alidade\.example\/base\/realitydataanalysis\/jobs\?/)
    next = href?.slice('https://alidade.example/base'.length)
  }
  return found
}

test.each([1, 3, 7, 23, 24, 25])('pages of %d hold every job once, in order', async (top) => {
  const filter = encodeURIComponent(`iTwinId in ('${quarry}','${bridge}')`)
  const found = await pages(`${path}?$filter=${filter}&$top=${top}`)
  expect(found.flat()).toEqual(rows.map(({ job }) => job))
  expect(found.map((page) => page.length)).toEqual([
    ...Array(Math.ceil(24 / top) - 1).fill(top),
    24 % top === 0 ? top : 24 % top,
  ])
})

test('a continued list keeps its filter and page size; a new page size counts from there on', async () => {
  const $filter = `iTwinId in ('${quarry}','${bridge}')`
  const first = await list({ $filter, $top: '5' })
  const continuationToken = new URL(first.json._links.next.href).searchParams.get('continuationToken')!
  const second = await list({ continuationToken })
  expect(idsOf(second.json.jobs)).toEqual(idsOf(rows.slice(5, 10).map(({ job }) => job)))
  const wider = await list({ continuationToken, $filter, $top: '8' })
  expect(idsOf(wider.json.jobs)).toEqual(idsOf(rows.slice(5, 13).map(({ job }) => job)))
  const href = new URL(wider.json._links.next.href)
  expect(href.searchParams.get('$filter')).toBe($filter)
  expect(href.searchParams.get('$top')).toBe('8')
})

test('jobs created between two pages do not shift the second', async () => {
  const $filter = `iTwinId in ('${quarry}','${bridge}')`
  const first = await list({ $filter, $top: '10' })
  server.clock.now = new Date('2026-04-02T09:00:00Z')
  const { id } = await server.jobs.create(people[0], quarry, { ...emptySettings, name: 'late' })
  const next = first.json._links.next.href.slice('https://alidade.example/base'.length)
  const second = await server.ask('GET', next)
  expect(idsOf(second.json.jobs)).toEqual(idsOf(rows.slice(10, 20).map(({ job }) => job)))
  await server.jobs.delete('acme', id)
})

test('a token carries no rights: with it another user still sees what that user may see', async () => {
  const first = await list({ $top: '2' })
  const continuationToken = new URL(first.json._links.next.href).searchParams.get('continuationToken')!
  const bob = await server.authorization({ subject: 'bob' })
  const { json } = await list({ continuationToken, $top: '1000' }, bob)
  const owners = json.jobs.map((job: Job) => rows.find((row) => row.job.id === job.id)?.userId)
  expect(new Set(owners)).toEqual(new Set(['bob']))
})

test('an unreadable filter, page size and token are refused together, each with its name', async () => {
  const { status, json } = await list({ $filter: 'colour eq red', continuationToken: 'eyJ0Ijoi' })
  expect(status).toBe(422)
  expect(json.error).toMatchObject({
    code: 'InvalidRealityDataAnalysisRequest',
    message: 'Cannot list jobs.',
  })
  expect(json.error).not.toHaveProperty('target')
  expect(json.error.details).toEqual([
    {
      code: 'InvalidParameter',
      message: 'The continuation token is not one of this service; take it from _links.next.href as it is.',
      target: 'continuationToken',
    },
    {
      code: 'InvalidParameter',
      message:
        "Unknown property 'colour' at position 1; expected one of id, iTwinId, name, email, type, state, createdDateTime, inputId, outputId.",
      target: '$filter',
    },
  ])
})

test('a token that was changed, or belongs to another filter, is refused', async () => {
  const first = await list({ $filter: 'state ne failed', $top: '1' })
  const token = new URL(first.json._links.next.href).searchParams.get('continuationToken')!
  for (const parameters of [
    { continuationToken: `A${token.slice(1)}` },
    { continuationToken: token, $filter: 'state eq failed' },
  ]) {
    const { status, json } = await list(parameters)
    expect([status, json.error.target]).toEqual([422, 'continuationToken'])
  }
})

test.each(['0', '1001', '-1', '1.5', 'ten', '1e2'])('$top=%s is refused', async ($top) => {
  const { status, json } = await list({ $top })
  expect([status, json.error.target, json.error.message]).toEqual([422, '$top', 'Cannot list jobs.'])
})
