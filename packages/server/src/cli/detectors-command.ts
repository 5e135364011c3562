// `alidade detectors`: the library of detectors of a service.
import { parseArgs } from 'node:util'
import type { Client } from '@alidade/client'
import type { Detector } from '@alidade/contract'
import { alignedTable } from './aligned-table.ts'
import { connect, connectionHelp, connectionOptions } from './connection.ts'
import type { Io } from './main.ts'
import { pushDetector } from './push-detector.ts'
import { UsageError } from './usage-error.ts'

const usage = `Usage: alidade detectors [list] [--filter TEXT]
       alidade detectors show NAME
       alidade detectors push NAME FILE --version N.N --label TEXT ... [--type TYPE] [--export KIND ...] [--publish]
       alidade detectors publish | unpublish NAME VERSION
       alidade detectors delete NAME [VERSION]

Lists, uploads and publishes detectors. docs/detectors.md says what FILE may be. Examples:

  alidade detectors --filter "exports in ('Lines') and labels in ('crack')"
  alidade detectors push @acme/cracks cracks.zip --type PhotoSegmentationDetector --version 1.0 --label crack \\
    --export Lines
  alidade detectors publish @acme/cracks 1.0

  --version N.N     version that FILE becomes; one whose upload broke off is begun anew
  --type TYPE       PhotoObjectDetector, PhotoSegmentationDetector, OrthophotoSegmentationDetector or
                    PointCloudSegmentationDetector; needed for a new detector
  --label TEXT      what it tells apart; repeat it or join labels by commas
  --export KIND     Objects, Lines, Polygons or Locations: what can be made of its results; like --label
  --display-name, --description, --documentation-url TEXT  of a new detector
  --publish         for every tenant of the service
  --filter TEXT     a $filter of the API on labels and exports
  --json            list: a line for each detector; show and push: the detector as one line; others: {name, version}
${connectionHelp}`

const options = {
  ...connectionOptions,
  filter: { type: 'string' },
  type: { type: 'string' },
  version: { type: 'string' },
  label: { type: 'string', multiple: true },
  export: { type: 'string', multiple: true },
  'display-name': { type: 'string' },
  description: { type: 'string' },
  'documentation-url': { type: 'string' },
  publish: { type: 'boolean' },
} as const

export async function detectorsCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
  if (values.help === true) {
    io.stdout.write(usage)
    return 0
  }
  const { signal } = io
  const json = values.json === true
  const [action = 'list', ...names] = positionals
  switch (action) {
    case 'list':
      takes(names, 0, 0, 'no name; show NAME tells of one')
      return list(await connect(values, io), values.filter, json, io)
    case 'show': {
      const [name] = takes(names, 1, 1, 'NAME')
      const client = await connect(values, io)
      tell(await client.v2.detectors.get(name!, { signal }), json, io)
      return 0
    }
    case 'push': {
      const [name, file] = takes(names, 2, 2, 'NAME FILE')
      const { version, type, label, export: kinds, publish } = values
      if (version === undefined) throw new UsageError('expected --version N.N')
      const client = await connect(values, io)
      const texts = {
        displayName: values['display-name'],
        description: values.description,
        documentationUrl: values['documentation-url'],
      }
      const asked = { name: name!, version, type, labels: listed(label), exports: listed(kinds), texts }
      await pushDetector(client, file!, asked, io)
      if (publish === true) await client.v2.detectors.publish(name!, version, { signal })
      tell(await client.v2.detectors.get(name!, { signal }), json, io)
      return 0
    }
    case 'publish':
    case 'unpublish': {
      const [name, version] = takes(names, 2, 2, 'NAME VERSION')
      const client = await connect(values, io)
      await client.v2.detectors[action](name!, version!, { signal })
      return done(`${action}ed`, { name: name!, version: version! }, json, io)
    }
    case 'delete': {
      const [name, version] = takes(names, 1, 2, 'NAME or NAME VERSION')
      const { detectors } = (await connect(values, io)).v2
      if (version === undefined) await detectors.delete(name!, { signal })
      else await detectors.deleteVersion(name!, version, { signal })
      return done('deleted', { name: name!, ...(version !== undefined && { version }) }, json, io)
    }
    default:
      throw new UsageError(`expected list, show, push, publish, unpublish or delete, got '${action}'`)
  }
}

function takes(names: string[], least: number, most: number, expected: string): string[] {
  if (names.length >= least && names.length <= most) return names
  throw new UsageError(`expected ${expected}, got ${names.length === 0 ? 'nothing' : `'${names.join(' ')}'`}`)
}

function listed(values: string[] | undefined): string[] {
  return (values ?? []).flatMap((value) => value.split(',')).flatMap((value) => value.trim() || [])
}

async function list(client: Client, filter: string | undefined, json: boolean, io: Io): Promise<number> {
  const detectors = await client.v2.detectors.list({
    ...(filter !== undefined && { filter }),
    signal: io.signal,
  })
  if (json) for (const detector of detectors) io.stdout.write(`${JSON.stringify(detector)}\n`)
  else if (detectors.length === 0) io.stdout.write('No detectors.\n')
  else {
    const rows = detectors.map(({ name, latestVersion = '-', type, displayName = '' }) => [
      name,
      latestVersion,
      type,
      displayName,
    ])
    io.stdout.write(alignedTable([['NAME', 'LATEST', 'TYPE', 'TITLE'], ...rows]))
  }
  return 0
}

function tell(detector: Detector, json: boolean, io: Io): void {
  // A download URL is as good as the file; what is shown may end up in a log.
  const versions = detector.versions.map(({ downloadUrl: _secret, ...version }) => version)
  if (json) return void io.stdout.write(`${JSON.stringify({ ...detector, versions })}\n`)
  const { name, type, displayName, description } = detector
  io.stdout.write(`${name}  ${type}${displayName ? `  ${displayName}` : ''}\n`)
  if (description) io.stdout.write(`  ${description}\n`)
  for (const { versionNumber, status, creationDate, capabilities } of versions) {
    const { labels, exports } = capabilities
    io.stdout.write(
      `  ${versionNumber}  ${status}  ${creationDate}  ${labels.join(', ')}  ${exports.join(', ')}\n`,
    )
  }
}

function done(what: string, of: { name: string; version?: string }, json: boolean, io: Io): number {
  const { name, version } = of
  io.stdout.write(
    json ? `${JSON.stringify(of)}\n` : `${what} ${name}${version === undefined ? '' : ` ${version}`}\n`,
  )
  return 0
}
