// `alidade submit`: a job on a service, with inputs that are there or on this machine.
import { parseArgs } from 'node:util'
import { connect, connectionHelp, connectionOptions, iTwinOf } from './connection.ts'
import type { Io } from './main.ts'
import { splitPair } from './split-pair.ts'
import { type AskedInput, bringInputs, readInputPairs } from './submit-inputs.ts'
import { type AskedJob, faultsOf, submitJob } from './submit-job.ts'
import { UsageError } from './usage-error.ts'
import { readEvery, watchJob } from './watch-job.ts'

const usage = `Usage: alidade submit TYPE --input name=ID|PATH ... --output NAME ... [options]

Creates a job and submits it; prints its id. Files and folders of this machine are pushed first. Examples:

  alidade submit changeDetection --input pointClouds1=march.laz --input pointClouds2=april.laz \\
    --output objects3D,exportedLocations3DGeoJSON --itwin fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01 --watch
  alidade submit changeDetection --input pointClouds1=3f0a8f3e-7f66-4a3e-a2f1-0a4d9fb6a1b1 \\
    --input pointClouds2=5b1c9c1d-0d43-4a55-8f3a-9b8a7a4e2c02 --output objects3D --option minPoints=50

The case of TYPE decides whose names of inputs, outputs and options are meant: changeDetection is v1 of the API,
ChangeDetection v2.

  --input name=ID     a reality data of the service, or a detector of its library
  --input name=PATH   a file or folder of this machine; given several times, all of them together
  --output NAME       what to make; repeat it or join names by commas
  --option name=VALUE an option of the type; repeat it for more. alidade run TYPE --help lists inputs, outputs, options
  --name TEXT         name of the job; default the type
  --itwin ID          iTwin of the job; default that of the first input [ALIDADE_ITWIN]
  --watch             follow it to its end, as alidade watch does; --every SECONDS as there
  --json              print {job} as one line, as the API gives it; with --watch the lines of watch follow
${connectionHelp}`

export async function submitCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...connectionOptions,
      input: { type: 'string', multiple: true, short: 'i' },
      output: { type: 'string', multiple: true, short: 'o' },
      option: { type: 'string', multiple: true },
      name: { type: 'string' },
      itwin: { type: 'string' },
      watch: { type: 'boolean' },
      every: { type: 'string' },
    },
  })
  if (values.help === true) {
    io.stdout.write(usage)
    return 0
  }
  const [type, ...rest] = positionals
  if (type === undefined) throw new UsageError('expected a job type, such as changeDetection')
  if (rest.length > 0) throw new UsageError(`expected one job type, got also '${rest.join(' ')}'`)
  const outputs = (values.output ?? [])
    .flatMap((list) => list.split(','))
    .flatMap((name) => name.trim() || [])
  if (outputs.length === 0) throw new UsageError('expected --output, what to make')
  const pairs = await readInputPairs(values.input ?? [], io)
  const options = Object.fromEntries(
    (values.option ?? []).map((pair) => splitPair(pair, '--option', 'name=VALUE')),
  )
  const everySeconds = readEvery(values.every)
  const json = values.json === true

  const asked = { type, name: values.name ?? type, outputs, options }
  if (pairs.some((input) => 'paths' in input)) refuseBeforeBytes(asked, pairs)
  const client = await connect(values, io)
  const { inputs, iTwinId } = await bringInputs(client, pairs, iTwinOf(values.itwin, io), io)
  const job = await submitJob(client, { ...asked, iTwinId, inputs }, io)
  io.stdout.write(json ? `${JSON.stringify({ job })}\n` : `${job.id}\n`)
  return values.watch === true ? watchJob(client, job.id, { json, everySeconds }, io) : 0
}

/** Files may be hours on their way: what is wrong with the request is said before they are sent. */
function refuseBeforeBytes(asked: Omit<AskedJob, 'iTwinId' | 'inputs'>, pairs: readonly AskedInput[]): void {
  // As all ids look that are still to come.
  const anyId = '00000000-0000-4000-8000-000000000000'
  const inputs = pairs.map((input) => ({ name: input.name, id: 'id' in input ? input.id : anyId }))
  const faults = faultsOf({ ...asked, iTwinId: anyId, inputs })
  if (faults.length > 0) throw new UsageError(faults.join(' '))
}
