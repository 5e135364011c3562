// Stands for an agent: starts the busy runner, prints its pid once it is busy, and waits to be killed.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const runner = fork(fileURLToPath(new URL('./busy-runner.fixture.ts', import.meta.url)), [
  String(process.pid),
])
runner.once('message', () => console.log(runner.pid))
