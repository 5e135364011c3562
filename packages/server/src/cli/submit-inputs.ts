// The inputs of `alidade submit`: what the service has already, and what has to be brought there first.
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Client } from '@alidade/client'
import { guidPattern } from '@alidade/contract'
import type { Io } from './main.ts'
import { createFor, pushFiles } from './push-files.ts'
import { quoted } from './quoted.ts'
import { splitPair } from './split-pair.ts'
import { UsageError } from './usage-error.ts'

/** An input that is at the service, or is to be made of these files. */
export type AskedInput = { name: string } & ({ id: string } | { paths: string[] })

const isGuid = (text: string) => new RegExp(guidPattern, 'i').test(text)

/** Files are known by being there; everything else is taken for an id, which the service judges. */
export async function readInputPairs(pairs: readonly string[], io: Io): Promise<AskedInput[]> {
  const inputs: AskedInput[] = []
  for (const pair of pairs) {
    const [name, value] = splitPair(pair, '--input', 'name=ID or name=PATH')
    const path = resolve(io.cwd, value)
    const known = inputs.find((input) => input.name === name)
    if (isGuid(value) || value.startsWith('bkt:') || !(await exists(path))) {
      if (/\.\w+$|^[./~]|\\/.test(value) && !isGuid(value) && !value.startsWith('bkt:'))
        throw new UsageError(`input ${name}: there is no file ${value}`)
      if (known !== undefined) throw new UsageError(`input ${name} is given twice; only files go together`)
      inputs.push({ name, id: value })
    } else if (known === undefined) inputs.push({ name, paths: [path] })
    else if ('paths' in known) known.paths.push(path)
    else throw new UsageError(`input ${name} is given twice; only files go together`)
  }
  return inputs
}

/** Pushes the files, each input as a reality data of its own. What was pushed before an interruption is told. */
export async function bringInputs(
  client: Client,
  asked: readonly AskedInput[],
  iTwinGiven: string | undefined,
  io: Io,
): Promise<{ inputs: { name: string; id: string }[]; iTwinId: string }> {
  const iTwinId = iTwinGiven ?? (await iTwinOfInputs(client, asked, io))
  if (iTwinId === undefined)
    throw new UsageError(
      'expected --itwin ID, the iTwin of the job; any GUID of your own will do for a new one',
    )
  const inputs: { name: string; id: string }[] = []
  for (const input of asked) {
    if ('id' in input) {
      inputs.push(input)
      continue
    }
    const { name, paths } = input
    const { id } = await createFor(client, paths, { iTwinId }, io)
    io.stderr.write(`Input ${name} goes into the new reality data ${id}.\n`)
    try {
      await pushFiles(client, id, paths, io)
    } catch (error) {
      const goOn = `alidade push ${paths.map(quoted).join(' ')} --to ${id}`
      io.stderr.write(`Not done. To go on: ${goOn}, then submit again with --input ${name}=${id}\n`)
      for (const done of inputs)
        io.stderr.write(`Input ${done.name} is done: --input ${done.name}=${done.id}\n`)
      throw error
    }
    inputs.push({ name, id })
  }
  return { inputs, iTwinId }
}

async function iTwinOfInputs(
  client: Client,
  asked: readonly AskedInput[],
  { signal }: Io,
): Promise<string | undefined> {
  for (const input of asked) {
    if (!('id' in input) || !isGuid(input.id)) continue
    const [iTwinId] = await client.realityData.iTwins(input.id, { signal })
    if (iTwinId !== undefined) return iTwinId
  }
  return undefined
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
