// Acknowledged means kept: a 2xx for a job leaves after the transaction it tells of has been committed.
import { randomUUID } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { startV1TestServer } from './v1-test-server.ts'

describe.each([['PGlite'], ['PostgreSQL']])('on %s', (database) => {
  async function startHolding() {
    const server = await startV1TestServer(
      database === 'PostgreSQL' ? { postgresUrl: inject('postgresUrl') } : {},
    )
    onTestFinished(() => server.stop())
    const { tx } = server.database
    const held: (() => void)[] = []
    /** Transactions are committed, and then it takes until the test says so before the caller hears of it. */
    server.database.tx = async (work) => {
      const result = await tx(work)
      await new Promise<void>((letGo) => held.push(letGo))
      return result
    }
    return { server, held }
  }

  test('no 2xx of a create, submit, cancel or change leaves before its commit has returned', async () => {
    const { server, held } = await startHolding()
    const iTwinId = randomUUID()
    const ids: string[] = []
    for (const name of ['march', 'april']) {
      await server.realityData.claimITwin('acme', iTwinId)
      const properties = { displayName: name, type: 'LAS' }
      const owner = { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
      ids.push((await server.realityData.create(owner, iTwinId, properties)).id)
    }
    const body = {
      type: 'changeDetection',
      name: 'Quarry',
      iTwinId,
      inputs: ids.map((id, i) => ({ type: `pointClouds${i + 1}`, id })),
      outputs: ['objects3D'],
    }
    const jobs = '/realitydataanalysis/jobs'
    let jobId = ''
    for (const [method, path, sent, status] of [
      ['POST', () => jobs, body, 201],
      ['PATCH', () => `${jobs}/${jobId}`, { name: 'Pit' }, 200],
      ['PATCH', () => `${jobs}/${jobId}`, { state: 'active' }, 200],
      ['PATCH', () => `${jobs}/${jobId}`, { state: 'cancelled' }, 200],
    ] as const) {
      let answered = false
      const asking = server.ask(method, path(), { body: sent }).then((answer) => {
        answered = true
        return answer
      })
      while (held.length === 0) {
        expect(answered, `${method} ${JSON.stringify(sent)} was answered without a transaction`).toBe(false)
        await turn()
      }
      // Another is answered meanwhile: had the server an answer for this one, it would be here.
      expect((await server.ask('GET', '/healthz')).status).toBe(200)
      expect(answered, `${method} ${JSON.stringify(sent)} was answered before its commit returned`).toBe(
        false,
      )
      while (!answered) {
        held.shift()?.()
        await turn()
      }
      const answer = await asking
      expect(answer.status, answer.text).toBe(status)
      jobId = answer.json.job.id
    }
  })

  test('a commit returns when the log is written, not later', async () => {
    const { server } = await startHolding()
    const { rows } = await server.database.query<{ setting: string }>(
      `select setting from pg_settings where name = 'synchronous_commit'`,
    )
    expect(rows).toEqual([{ setting: 'on' }])
  })
})
