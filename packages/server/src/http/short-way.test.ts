// GET progress by both ways, against a real store: whoever asks cannot tell which one was taken.
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { openTestStore, type TestStore } from '../store/test-store.ts'
import { openRealityDataRows } from '../store/reality-data-rows.ts'
import { startApp, type TestApp } from './app.fixture.ts'
import { openReadiness } from './readiness.ts'
import { RequestDurations } from './request-durations.ts'
import { getJobProgressRoute } from './v1/get-job-progress.ts'

const iTwinId = randomUUID()
describe.each(['the embedded database', 'PostgreSQL'])('on %s', (database) => {
  let store: TestStore
  let jobId: string
  beforeAll(async () => {
    store = await openTestStore(database === 'PostgreSQL' ? { postgresUrl: inject('postgresUrl') } : {})
    const realityData = openRealityDataRows({ ...store, now: () => new Date(), newId: randomUUID })
    await realityData.claimITwin('acme', iTwinId)
    const owner = { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
    const inputs = ['modelA', 'modelB'].map((name) => ({ name, realityDataId: randomUUID() }))
    const more = { options: {}, optionsSent: undefined, costParameters: undefined }
    const job = { type: 'changeDetection', name: 'Quarry', inputs, outputs: ['objects3D'], ...more } as const
    ;({ id: jobId } = await store.jobs.create(owner, iTwinId, { ...job, outputs: [...job.outputs] }))
  })
  afterAll(() => store.remove())

  let app: TestApp
  afterEach(() => app.close())

  interface Started {
    /** Asks for progress and returns the whole answer as it came; headers that are given lead the long way, or may. */
    ask(...headers: string[]): Promise<string>
    longWays: () => number
    log: Record<string, unknown>[]
    readiness: ReturnType<typeof openReadiness>
    requests: RequestDurations
  }

  async function start(rateLimitPerMinute = 0): Promise<Started> {
    let longWays = 0
    const log: Record<string, unknown>[] = []
    const logger = pino({ base: null }, { write: (line: string) => void log.push(JSON.parse(line)) })
    const readiness = openReadiness([], () => undefined)
    const requests = new RequestDurations()
    app = await startApp(
      async (routes) => {
        routes.addHook('onRequest', (_request, _reply, done) => {
          longWays++
          done()
        })
        getJobProgressRoute(routes, { store: store.jobs, now: () => new Date() })
      },
      {
        rateLimitPerMinute,
        log: logger,
        readiness,
        metrics: { requests, swept: () => undefined, contentType: '', text: async () => '' },
      },
    )
    const { authorization } = await app.bearer({ org: 'acme' })
    const ask = (...headers: string[]) => {
      const lines = ['Host: localhost', `Authorization: ${authorization}`, 'Connection: close', ...headers]
      return app.raw(
        `GET /realitydataanalysis/jobs/${jobId}/progress HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`,
      )
    }
    return { ask, longWays: () => longWays, log, readiness, requests }
  }

  /** Leads the long way and changes nothing: no progress has this tag. */
  const longWay = 'If-None-Match: "none"'
  const sameId = 'X-Correlation-Id: one'
  const undated = (answer: string) => answer.replace(/\r\nDate: [^\r]*/, '')

  test('a token that is new takes the long way, one that was verified lately the short way', async () => {
    const { ask, longWays } = await start()
    const answers = [await ask(), await ask(), await ask()]
    expect(answers.map((answer) => answer.slice(0, 15))).toEqual(Array(3).fill('HTTP/1.1 200 OK'))
    expect(longWays()).toBe(1)
  })

  test('both ways answer alike, byte for byte', async () => {
    const { ask, longWays } = await start()
    const [long, short] = [await ask(sameId), await ask(sameId)]
    expect(longWays()).toBe(1)
    expect(undated(short)).toBe(undated(long))
    expect(short).toContain('{"progress":{"percentage":0,"state":"unsubmitted","step":""}}')
  })

  test('both ways make up a correlation id, each time another one', async () => {
    const { ask } = await start()
    const answers = [await ask(), await ask(), await ask()]
    const ids = answers.map((answer) => /x-correlation-id: ([0-9a-f-]{36})\r\n/.exec(answer)?.[1])
    expect(new Set(ids).size).toBe(3)
    expect(ids).not.toContain(undefined)
  })

  test('both ways write the same line into the log', async () => {
    const { ask, log, longWays } = await start()
    await ask(sameId)
    await ask(sameId)
    expect(longWays()).toBe(1)
    const untimed = log
      .filter(({ msg }) => msg === 'request')
      .map(({ time, milliseconds, ...line }) => {
        expect([typeof time, typeof milliseconds]).toEqual(['number', 'number'])
        return line
      })
    const line = {
      level: 30,
      correlationId: 'one',
      jobId,
      method: 'GET',
      url: `/realitydataanalysis/jobs/${jobId}/progress`,
      status: 200,
      client: 'alidade-cli',
      msg: 'request',
    }
    expect(untimed).toEqual([line, line])
  })

  test('both ways count in one series of the metrics', async () => {
    const { ask, longWays, requests } = await start()
    for (let i = 0; i < 3; i++) await ask()
    expect(longWays()).toBe(1)
    const { values } = await requests.get()
    const counts = values.filter(({ metricName }) => metricName.endsWith('_count'))
    const labels = { method: 'GET', route: '/realitydataanalysis/jobs/:jobId/progress', status: '200' }
    expect(counts.map(({ labels, value }) => ({ labels, value }))).toEqual([{ labels, value: 3 }])
  })

  test('requests of both ways count towards one limit, and what is over it is refused', async () => {
    const { ask } = await start(4)
    const answers = [
      await ask(),
      await ask(longWay),
      await ask(),
      await ask(),
      await ask(),
      await ask(longWay),
    ]
    const statuses = answers.map((answer) => answer.slice(9, 12))
    expect(statuses).toEqual(['200', '200', '200', '200', '429', '429'])
  })

  test.each([
    ['asks only for what is new', longWay],
    ['comes from a page in a browser', 'Origin: https://example.org'],
    ['brings a body', 'Content-Length: 2\r\n\r\n{}'],
  ])('a request that %s takes the long way', async (_what, header) => {
    const { ask, longWays } = await start()
    await ask()
    expect(await ask(header)).toContain('HTTP/1.1 200 OK')
    expect(longWays()).toBe(2)
  })

  test('a request without Host is refused though its token is known', async () => {
    const { ask, longWays } = await start()
    await ask()
    const { authorization } = await app.bearer({ org: 'acme' })
    const path = `/realitydataanalysis/jobs/${jobId}/progress`
    for (let i = 0; i < 2; i++) {
      const answer = await app.raw(
        `GET ${path} HTTP/1.1\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toContain('HTTP/1.1 400 ')
    }
    expect(longWays()).toBe(1)
  })

  test('a scope that does not allow it is refused, as often as it asks', async () => {
    await start()
    const { authorization } = await app.bearer({ org: 'acme', scope: 'realitydata:read' })
    for (let i = 0; i < 2; i++) {
      const answer = await fetch(`${app.url}/realitydataanalysis/jobs/${jobId}/progress`, {
        headers: { authorization },
      })
      expect(answer.status).toBe(401)
    }
  })

  test('once the service drains, answers end their connection', async () => {
    const { readiness } = await start()
    const headers = await app.bearer({ org: 'acme' })
    const ask = () => fetch(`${app.url}/realitydataanalysis/jobs/${jobId}/progress`, { headers })
    await ask()
    expect((await ask()).headers.get('connection')).toBe('keep-alive')
    readiness.drain()
    expect((await ask()).headers.get('connection')).toBe('close')
  })
})
