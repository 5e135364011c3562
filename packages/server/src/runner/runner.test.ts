import { fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Task } from './messages.ts'

const runnerPath = fileURLToPath(new URL('./runner.ts', import.meta.url))
const emptyTask: Task = {
  type: 'changeDetection',
  inputs: {},
  options: {},
  outputs: {},
  scratch: tmpdir(),
  threads: 1,
  memoryLimitMegabytes: 1000,
  loggedAs: 'a test',
}

test('signals that reach a whole group, as Ctrl-C does, are left to the agent', async () => {
  const runner = fork(runnerPath, [String(process.pid)])
  const [first] = await once(runner, 'message')
  expect(first).toEqual({ kind: 'ready' })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) runner.kill(name)
  runner.send({ kind: 'run', task: emptyTask })
  const [answer] = await once(runner, 'message')
  expect(answer).toMatchObject({ kind: 'failed', error: { code: 'InputData_Missing' } })
  expect(await once(runner, 'exit')).toEqual([0, null])
})

test('a runner whose agent lets go of it ends at once', async () => {
  const runner = fork(runnerPath, [String(process.pid)])
  await once(runner, 'message')
  runner.disconnect()
  expect(await once(runner, 'exit')).toEqual([null, 'SIGKILL'])
})
