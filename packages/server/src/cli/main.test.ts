import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand } from './command.fixture.ts'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'alidade-cli-'))
})
afterAll(() => rm(cwd, { recursive: true }))

const commands = [
  ...['up', 'run', 'push', 'pull', 'submit', 'ps', 'watch', 'cancel', 'logs', 'detectors', 'link'],
  ...['token', 'config', 'doctor'],
]

test('--version prints the version alone', async () => {
  const { exitCode, stdout } = await runCommand(['--version'], { cwd })
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
})

test('--help names every command, and every command has help of its own', async () => {
  const { exitCode, stdout } = await runCommand(['--help'], { cwd })
  expect(exitCode).toBe(0)
  for (const command of commands) {
    expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    const help = await runCommand([command, '--help'], { cwd })
    expect([help.exitCode, help.stderr], command).toEqual([0, ''])
    expect(help.stdout, command).toMatch(new RegExp(`^Usage: alidade ${command} `))
  }
})

test('an unknown command and an unknown flag are wrong usage: exit code 2 and one line that names them', async () => {
  expect(await runCommand(['survey'], { cwd })).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining("there is no command 'survey'"),
  })
  for (const command of commands) {
    const { exitCode, stdout, stderr } = await runCommand([command, '--colour'], { cwd })
    expect([exitCode, stdout], command).toEqual([2, ''])
    expect(stderr).toMatch(/--colour/)
  }
})
