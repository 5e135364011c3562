// How long the progress of a job can be asked for, over restarts and purges, on both databases.
import { randomUUID } from 'node:crypto'
import { jobErrorMessage } from '@alidade/contract'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { purge } from '../../store/purge.ts'
import { startV1TestServer, type V1TestServer } from './v1-test-server.ts'

const owner = { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
const hourMs = 3600_000
const dayMs = 24 * hourMs
const created = new Date('2026-04-02T08:00:00.123Z')
const ended = new Date('2026-04-05T17:30:00.456Z')

describe.each([['PGlite'], ['PostgreSQL']])('on %s', (database) => {
  let server: V1TestServer
  const ids: Record<string, string> = {}

  beforeAll(async () => {
    server = await startV1TestServer(database === 'PostgreSQL' ? { postgresUrl: inject('postgresUrl') } : {})
    server.clock.now = created
    const iTwinId = randomUUID()
    await server.realityData.claimITwin('acme', iTwinId)
    const create = async () => {
      const inputs = ['modelA', 'modelB'].map((name) => ({ name, realityDataId: randomUUID() }))
      const job = await server.jobs.create(owner, iTwinId, {
        type: 'changeDetection',
        name: 'Quarry',
        inputs,
        outputs: ['objects3D'],
        options: {},
        optionsSent: undefined,
        costParameters: undefined,
      })
      return job.id
    }
    ids.unsubmitted = await create()
    for (const state of ['success', 'failed', 'cancelled', 'active']) {
      ids[state] = await create()
      await server.jobs.submit('acme', ids[state], [])
      const claimed = await server.jobs.claim('agent', { memoryLimitMegabytes: 1000, working: [] })
      expect(claimed?.id).toBe(ids[state])
      await server.jobs.report({ jobId: claimed!.id, attempt: 1 }, { percentage: 41.7, step: 'Read_Clouds' })
    }
    server.clock.now = ended
    await server.jobs.succeed({ jobId: ids.success!, attempt: 1 }, { processingUnits: 0.1 })
    await server.jobs.fail({ jobId: ids.failed!, attempt: 1 }, [jobErrorMessage('Internal', 'a test')])
    await server.jobs.cancel('acme', ids.cancelled!)
  }, 60_000)
  afterAll(() => server?.stop())

  const progressOf = async (id: string | undefined) => {
    const { status, json, text } = await server.ask('GET', `/realitydataanalysis/jobs/${id}/progress`)
    return status === 200 ? [status, json.progress.state, json.progress.percentage] : [status, text]
  }
  const unknownId = () => progressOf(randomUUID())
  const jobOf = async (id: string | undefined) =>
    (await server.ask('GET', `/realitydataanalysis/jobs/${id}`)).json
  /** It is then that time, and the service has gone on or was restarted on its database. */
  const at = async (time: number, how: 'restarted' | 'running') => {
    server.clock.now = new Date(time)
    if (how === 'restarted') server = await server.restart()
  }
  const final = { success: 100, failed: 41, cancelled: 41 }

  test.each([
    ['29 days and 23 hours', 29 * dayMs + 23 * hourMs],
    ['one millisecond less than 30 days', 30 * dayMs - 1],
  ])(
    '%s after the end its final progress is there, before and after a restart and a purge',
    async (_, afterMs) => {
      for (const how of ['running', 'restarted'] as const) {
        await at(ended.getTime() + afterMs, how)
        await purge(server.database)
        for (const [state, percentage] of Object.entries(final))
          expect(await progressOf(ids[state]), how).toEqual([200, state, percentage])
      }
    },
  )

  test.each([
    ['exactly 30 days', 30 * dayMs],
    ['30 days and 1 hour', 30 * dayMs + hourMs],
    ['10 years', 3652 * dayMs],
  ])(
    '%s after the end it is that of a job that does not exist, before and after a restart',
    async (_, afterMs) => {
      for (const how of ['running', 'restarted'] as const) {
        await at(ended.getTime() + afterMs, how)
        const unknown = await unknownId()
        expect(unknown[0]).toBe(404)
        for (const state of Object.keys(final)) expect(await progressOf(ids[state]), how).toEqual(unknown)
      }
    },
  )

  test('a job that is active or was never submitted keeps its progress for ever', async () => {
    for (const how of ['running', 'restarted'] as const) {
      await at(ended.getTime() + 3652 * dayMs, how)
      expect(await progressOf(ids.active)).toEqual([200, 'active', 41])
      expect(await progressOf(ids.unsubmitted)).toEqual([200, 'unsubmitted', 0])
    }
  })

  test('records, outputs and lists of jobs are the same before and after 30 days, a restart and a purge', async () => {
    const all = async () => [
      ...(await Promise.all(Object.values(ids).map(jobOf))),
      (await server.ask('GET', '/realitydataanalysis/jobs')).json,
      ...(await Promise.all(
        Object.values(ids).flatMap(async (id) => {
          const { outputs } = (await server.jobs.get('acme', id))!
          return Promise.all(
            outputs.map(({ realityDataId }) => server.realityData.get('acme', realityDataId)),
          )
        }),
      )),
    ]
    await at(ended.getTime() + hourMs, 'running')
    const before = await all()
    await at(ended.getTime() + 31 * dayMs, 'restarted')
    await purge(server.database)
    expect(await all()).toEqual(before)
    expect(before[0]).toMatchObject({ job: { id: ids.unsubmitted } })
  })
})
