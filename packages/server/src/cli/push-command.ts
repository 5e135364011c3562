// `alidade push`: files of this machine into a reality data of a service.
import { parseArgs } from 'node:util'
import { connect, connectionHelp, connectionOptions, iTwinOf } from './connection.ts'
import type { Io } from './main.ts'
import { createFor, pushFiles, resolveSources } from './push-files.ts'
import { quoted } from './quoted.ts'
import { formatBytes } from './transfer-progress.ts'
import { UsageError } from './usage-error.ts'

const usage = `Usage: alidade push PATH... [options]

Uploads files and folders as one reality data and prints its id. Names within a folder are kept. Examples:

  alidade push march.laz --name "Quarry, March" --itwin fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01
  alidade push photos/ --type CCImageCollection
  alidade push march.laz --to 3f0a8f3e-7f66-4a3e-a2f1-0a4d9fb6a1b1

  --to ID           into this reality data instead of a new one. After an interruption only the rest is sent
  --name TEXT       display name; default the name of the file or folder
  --type TYPE       e.g. LAS, LAZ, ContextScene; default by the names of the files
  --itwin ID        iTwin it belongs to [ALIDADE_ITWIN]
  --json            print {id, files: [{name, sizeBytes}], sentBytes, seconds} as one line
${connectionHelp}`

export async function pushCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...connectionOptions,
      to: { type: 'string' },
      name: { type: 'string' },
      type: { type: 'string' },
      itwin: { type: 'string' },
    },
  })
  if (values.help === true) {
    io.stdout.write(usage)
    return 0
  }
  if (positionals.length === 0) throw new UsageError('expected a file or folder')
  if (values.to !== undefined && (values.name ?? values.type ?? values.itwin) !== undefined)
    throw new UsageError(
      '--name, --type and --itwin are for a new reality data; --to names one that is there',
    )
  const sources = await resolveSources(positionals, io)
  const client = await connect(values, io)
  const began = performance.now()
  const { name, type } = values
  const id =
    values.to ?? (await createFor(client, sources, { name, type, iTwinId: iTwinOf(values.itwin, io) }, io)).id
  const goOn = `alidade push ${positionals.map(quoted).join(' ')} --to ${id}`
  if (values.to === undefined)
    io.stderr.write(`Into the new reality data ${id}. Should it break off: ${goOn}\n`)
  try {
    const { files, sentBytes } = await pushFiles(client, id, sources, io)
    const seconds = Math.round(performance.now() - began) / 1000
    if (values.json === true) io.stdout.write(`${JSON.stringify({ id, files, sentBytes, seconds })}\n`)
    else {
      io.stdout.write(`${id}\n`)
      const count = files.length === 1 ? '1 file' : `${files.length} files`
      io.stderr.write(`${count}, ${formatBytes(sentBytes)} sent in ${seconds.toFixed(1)} s.\n`)
    }
    return 0
  } catch (error) {
    if (!(error instanceof UsageError)) io.stderr.write(`Not done. To go on: ${goOn}\n`)
    throw error
  }
}
