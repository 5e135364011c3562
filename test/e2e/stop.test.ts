// The end of the service, told to stop while clients hold on to it or before it has come up.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { Agent, get, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyTemplate } from '../../packages/server/src/store/test-store.ts'
import { alidadeBin, type ServiceProcess, startServiceProcess } from './service-process.ts'
import { clientOf } from './survey-job.ts'

let service: ServiceProcess
beforeAll(async () => {
  service = await startServiceProcess()
}, 120_000)
afterAll(() => service?.remove())

test('connections without a request, idle ones and an upload that goes on do not keep it from stopping', async () => {
  const client = await clientOf(service)
  const { id } = await client.realityData.create({
    displayName: 'slow',
    type: 'LAS',
    iTwinId: randomUUID(),
  })
  const url = new URL(await client.realityData.writeAccess(id))
  url.pathname += '/slow.las'
  const upload = request(url, {
    method: 'PUT',
    headers: { 'x-ms-blob-type': 'BlockBlob', 'content-length': 1e6 },
  })
  const uploadEnded = once(upload, 'error')
  upload.write('the first bytes, and no more')

  const idle = new Agent({ keepAlive: true })
  const [answer] = await once(get(`${service.url}/healthz`, { agent: idle }), 'response')
  answer.resume()
  await once(answer, 'end')
  const silent = connect(Number(new URL(service.url).port), '127.0.0.1')
  silent.on('error', () => undefined)
  await once(silent, 'connect')

  const began = performance.now()
  expect(await service.stop(), service.log()).toBe(0)
  const seconds = (performance.now() - began) / 1000
  console.log(`stopped in ${seconds.toFixed(1)} s`)
  expect(seconds).toBeLessThan(12)
  expect(service.log()).not.toContain('did not stop')
  expect(await readdir(service.dataDir)).not.toContain('database.lock')
  expect(String(await uploadEnded)).toMatch(/socket hang up|ECONNRESET/)
  idle.destroy()
  silent.destroy()
})

test('a signal that comes during the start is obeyed when that is safe', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'alidade-e2e-'))
  try {
    await copyTemplate(join(dataDir, 'database'))
    const child = spawn(process.execPath, [alidadeBin, 'up', '--port', '0', '--data-dir', dataDir], {
      stdio: 'ignore',
      cwd: dataDir,
    })
    const exit = once(child, 'exit')
    const lock = join(dataDir, 'database.lock')
    while (!(await exists(lock)) && child.exitCode === null) await delay(2)
    child.kill('SIGTERM')
    expect(await exit).toEqual([0, null])
    expect(await exists(lock)).toBe(false)
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
