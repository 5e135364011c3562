import { fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { pieces } from '@alidade/jobs/load'
import { expect, test } from 'vitest'
import type { FromRunner, Task } from './messages.ts'

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
  const told: FromRunner[] = []
  await new Promise<void>((resolve) => {
    runner.on('message', (message: FromRunner) => {
      told.push(message)
      if (message.kind === 'ready') resolve()
    })
  })
  // How far it is on the way to being ready, by which a slow start is seen to go on.
  expect(told.slice(0, -1)).toEqual(pieces.map((_, i) => ({ kind: 'loaded', pieces: i + 1 })))
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
