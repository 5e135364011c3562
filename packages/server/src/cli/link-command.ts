// `alidade link`: shows a folder of the service's host as reality data.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { ErrorResponse, LinkedRealityData } from '@alidade/contract'
import { linkRealityData } from '@alidade/contract'
import type { Io } from './main.ts'
import { UsageError } from './usage-error.ts'

const usage = `Usage: alidade link FOLDER --type TYPE [options]

Shows a folder of the host of the service as reality data, read only: nothing is copied, and deleting the reality data
leaves the files. The folder has to lie below one of the --link-roots of the service.

  --type TYPE   what the files are: LAS, LAZ, ContextScene, ...
  --name TEXT   name for people; default the name of the folder
  --itwin ID    the iTwin it shall belong to
  --url URL     the service; default http://127.0.0.1:8787 [ALIDADE_URL]
  --token T     a token with the role admin, as \`alidade token --role admin\` makes it [ALIDADE_TOKEN]
  --json        print the answer as one JSON object

Prints the id of the reality data:
  alidade link /srv/scans/2026-03 --type LAZ --token "$(alidade token --role admin)"
`

export async function linkCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      type: { type: 'string' },
      name: { type: 'string' },
      itwin: { type: 'string' },
      url: { type: 'string' },
      token: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) {
    io.stdout.write(usage)
    return 0
  }
  const [named, ...more] = positionals
  if (named === undefined || more.length > 0) throw new UsageError('expected one folder')
  if (values.type === undefined) throw new UsageError('expected --type, e.g. --type LAZ')
  const token = values.token ?? io.env.ALIDADE_TOKEN
  if (token === undefined) throw new UsageError('expected --token or ALIDADE_TOKEN')
  const base = values.url ?? io.env.ALIDADE_URL ?? 'http://127.0.0.1:8787'
  if (!URL.canParse(base)) throw new UsageError(`--url: expected a URL, got '${base}'`)

  const folder = resolve(io.cwd, named)
  const response = await fetch(`${base.replace(/\/+$/, '')}${linkRealityData.path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      folder,
      type: values.type,
      displayName: values.name ?? folder.split('/').at(-1),
      ...(values.itwin !== undefined && { iTwinId: values.itwin }),
    }),
    signal: io.signal,
  })
  if (response.status !== 201) {
    io.stderr.write(`alidade link: ${await faultOf(response)}\n`)
    return 1
  }
  const { linkedRealityData } = (await response.json()) as { linkedRealityData: LinkedRealityData }
  const printed = values.json === true ? JSON.stringify(linkedRealityData) : linkedRealityData.realityData.id
  io.stdout.write(`${printed}\n`)
  return 0
}

async function faultOf(response: Response): Promise<string> {
  const text = await response.text()
  try {
    const { error } = JSON.parse(text) as ErrorResponse
    return error.details?.map(({ message }) => message).join(' ') ?? error.message
  } catch {
    return `the answer was ${response.status}: ${text.slice(0, 200)}`
  }
}
