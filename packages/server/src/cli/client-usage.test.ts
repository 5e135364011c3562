// What the commands that talk to a service refuse before they ask it anything.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand } from './command.fixture.ts'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'alidade-usage-'))
  await writeFile(join(cwd, 'a.las'), 'x')
})
afterAll(() => rm(cwd, { recursive: true }))

const id = 'c4b0d1de-29b7-4e5b-8f0e-0f3a3c9a1a11'
/** Nobody listens there: a command that asked would end with 1. */
const env = { ALIDADE_URL: 'http://127.0.0.1:6', ALIDADE_TOKEN: 'a.b.c' }

test.each([
  ['push', 'expected a file or folder'],
  ['push nowhere.las', 'nowhere.las cannot be read (ENOENT)'],
  [`push a.las --to ${id} --name Quarry`, '--to names one that is there'],
  ['pull', 'expected the id of a reality data or --job ID, and one of them only'],
  [`pull ${id} --job ${id}`, 'expected the id of a reality data or --job ID, and one of them only'],
  ['submit', 'expected a job type'],
  ['submit changeDetection', 'expected --output'],
  ['submit changeDetection --output x --input a', "expected --input name=ID or name=PATH, got 'a'"],
  ['submit changeDetection --output x --input a=nowhere.las', 'there is no file nowhere.las'],
  [`submit changeDetection --output x --input a=${id} --input a=${id}`, 'only files go together'],
  [
    'submit changeDetection --output objects3D --input pointClouds1=a.las --input pointClouds2=a.las',
    'expected --itwin ID',
  ],
  // Before any file is sent.
  [
    'submit ExtractGround --output segmentation3D --input pointClouds=a.las',
    "Unknown job type 'ExtractGround'",
  ],
  ['submit changeDetection --output boxes --input pointClouds1=a.las', "Input 'pointClouds2' is required"],
  [
    'submit ChangeDetection --output locations3DA --input model3DA=a.las --input model3DB=a.las --option growThreshold=x',
    'growThreshold',
  ],
  ['submit changeDetection --output x --option a', "expected --option name=VALUE, got 'a'"],
  ['watch', 'expected the id of one job'],
  [`watch ${id} --every soon`, "--every: expected a number of seconds, got 'soon'"],
  ['cancel', 'expected the id of a job'],
  [`logs ${id} ${id}`, 'expected the id of one job'],
  ['ps --top 0', "--top: expected a whole number of at least 1, got '0'"],
  ['ps --state=active;', "expected a word for state, got 'active;'"],
  ['detectors train', "got 'train'"],
  ['detectors push @acme/cracks a.las', 'expected --version N.N'],
  ['detectors publish @acme/cracks', 'expected NAME VERSION'],
])('alidade %s', async (line, message) => {
  const { exitCode, stdout, stderr } = await runCommand(line.split(' '), { cwd, env })
  expect([exitCode, stdout], stderr).toEqual([2, ''])
  expect(stderr).toContain(message)
})

test('without a token, and without keys to make one from, it says how to come by one', async () => {
  const { exitCode, stderr } = await runCommand(['ps'], { cwd, env: { ALIDADE_DATA_DIR: 'none' } })
  expect(exitCode).toBe(2)
  expect(stderr).toContain(`no token: give --token or ALIDADE_TOKEN, or the --data-dir`)
})

test('an address that is none is refused without a request', async () => {
  const { exitCode, stderr } = await runCommand(['ps', '--url', 'localhost:8787'], { cwd, env })
  expect(exitCode).toBe(2)
  expect(stderr).toContain("--url: expected http(s)://HOST[:PORT], got 'localhost:8787'")
})
