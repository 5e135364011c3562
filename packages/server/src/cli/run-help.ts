// `alidade run --help`, and `alidade run <type> --help` made of the declaration of the type.
import {
  type ApiVersion,
  builtInDetectors,
  type InputDeclaration,
  type JobTypeDeclaration,
  jobTypes,
  type OptionDeclaration,
  type OutputDeclaration,
} from '@alidade/contract/jobs'
import { surveyEnds } from '@alidade/jobs'

export function runHelp(): string {
  const types = Object.values<JobTypeDeclaration>(jobTypes).map(
    ({ v1, v2, purpose }) => `  ${[v1, v2].filter(Boolean).join(', ')}\n      ${purpose}`,
  )
  return `Usage: alidade run <type> --input name=FILE ... --output NAME ... --out DIR [options]

Runs an analysis on files of this machine, without a server. Example:

  alidade run changeDetection --input pointClouds1=march.laz --input pointClouds2=april.laz \\
    --output objects3D,exportedLocations3DGeoJSON --out march-april
  alidade run extractGround --input pointClouds=hill.laz --output segmentedPointCloud --out ground
  alidade run Segmentation3D --input model3D=hill.laz --input pointCloudSegmentationDetector=@alidade/ground \\
    --output segmentedModel3D --out ground

Types (the case decides whose names of inputs, outputs and options are meant: v1 or v2 of the API):
${types.join('\n')}
  alidade run <type> --help lists them.

  --input name=FILE     a file in a format that the input takes, such as .las or .laz, a folder of them, or a
                        ContextScene.json or .xml; once for each input. Given several times, an input is all of these
                        files together
  --input name=DETECTOR where the input is a detector: ${builtInDetectors.map(({ name }) => name).join(' or ')}, or the file of one
                        of yours, a zip or .onnx
  --output NAME         what to make; repeat it or join names by commas
  --option name=VALUE   an option of the type; repeat it for more
  --out DIR             a new or empty folder: results go to DIR/<output>/, what happened to DIR/summary.json
  --force               replace results in DIR
  --json                print the summary as one line of JSON
  --threads N           threads to keep busy; default all cores [ALIDADE_THREADS]
  --memory-limit MB     end as OutOfMemory beyond this, e.g. 4096 or 8GB; default three quarters of the machine
                        [ALIDADE_MEMORY_LIMIT]
  --time-limit MINUTES  end as TimedOut after so long, e.g. 30 or 0.5; default 0, no limit [ALIDADE_TIME_LIMIT]

Progress goes to standard error. Exit codes: 0 done, 1 the job failed, 2 wrong usage, 130 interrupted (nothing is left).
`
}

export function typeHelp(declaration: JobTypeDeclaration, version: ApiVersion): string {
  const section = (title: string, lines: string[]) => `${title}\n${lines.join('\n')}\n`
  const entry = (name: string, ...texts: string[]) => `  ${name}\n      ${texts.join(' ')}`
  const delivered = <T extends { v1?: string; v2?: string; delivered: boolean }>(
    entries: Record<string, T>,
  ) => Object.entries(entries).filter(([, { delivered }]) => delivered)
  const inputs = delivered(declaration.inputs).flatMap(([, input]) =>
    input[version] === undefined
      ? []
      : entry(input[version], input.help, ...takenBy(input), needOf(input, declaration, version)),
  )
  const { outputs: declared } = declaration
  const outputs = delivered(declared).map(([name, output]) => {
    const writes = `Writes ${fileNameOf(name, output[version], output)}.`
    const { requires } = output
    const needs = requires === undefined ? [] : [`Needs ${declared[requires]![version] ?? requires}.`]
    return entry(output[version] ?? name, output.help, writes, ...needs)
  })
  const options = delivered(declaration.options).flatMap(([name, option]) => {
    const nameAsked = option[version] ?? (option.header && name)
    return nameAsked === undefined ? [] : entry(nameAsked, option.help, describeOption(option))
  })
  return (
    `Usage: alidade run ${declaration[version]} --input name=FILE ... --output NAME ... --out DIR [options]\n\n` +
    `${declaration.purpose}\n\n` +
    [section('Inputs', inputs), section('Outputs', outputs), section('Options', options)].join('\n') +
    '\nalidade run --help lists the flags.\n'
  )
}

/** Files by the ends of their names; what a bucket or a detector holds has none. */
function takenBy({ kind = 'realityData', accepts, segmented }: InputDeclaration): string[] {
  return kind !== 'realityData' || segmented || accepts.includes('GeoJSON')
    ? []
    : [`Files: ${surveyEnds(accepts)}.`]
}

function needOf(
  { required, localDefault }: InputDeclaration,
  { inputs }: JobTypeDeclaration,
  version: ApiVersion,
): string {
  if (localDefault !== undefined) return `Default here ${localDefault}.`
  if (typeof required === 'boolean') return required ? 'Required.' : 'Optional.'
  const others = required.unless.flatMap((name) => {
    const other = inputs[name]!
    return (other.delivered && other[version]) || []
  })
  return others.length === 0 ? 'Required.' : `Required unless ${others.join(' or ')} is given.`
}

/** As the command names it: after the output as it is asked for. */
function fileNameOf(
  name: string,
  nameAsked = name,
  { rootDocument = `${name}.*` }: OutputDeclaration,
): string {
  return rootDocument.startsWith(name) ? nameAsked + rootDocument.slice(name.length) : rootDocument
}

function describeOption({ type, unit, oneOf, default: byDefault }: OptionDeclaration): string {
  const known = typeof byDefault === 'object' ? byDefault.derived : String(byDefault)
  if (oneOf !== undefined) return `One of ${oneOf.join(', ')}; default ${known}.`
  return `${type === 'integer' ? 'Whole number' : type[0]!.toUpperCase() + type.slice(1)}${unit ? `, ${unit}` : ''}; default ${known}.`
}
