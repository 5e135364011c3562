// docs/job-types.md and the table of the README: what is declared of each job type, and what of it is delivered.
import {
  type DeclaredJobType,
  declaredJobTypes,
  type InputDeclaration,
  isDelivered,
  type JobTypeDeclaration,
  type OptionDeclaration,
  type OutputDeclaration,
} from '@alidade/contract'

export const jobTypesPagePath = new URL('../../docs/job-types.md', import.meta.url)
export const readmePath = new URL('../../README.md', import.meta.url)

export function jobTypesPage(): string {
  return `# Job types

Made of the declarations in \`packages/contract/src/job-types\` by \`npm run job-types\`; a test holds it equal. What is not
delivered is known to the service and refused: the type and inputs and outputs at creation, with 422 by v1 and 400 by v2;
options are taken, have no effect, and the job carries the warning \`Option_Ignored\`.

${supportTable()}

## One job, two versions

Both versions work on the same jobs. A job is shown by a version that has a name for its type and for every input, output and
option it was given; where one is missing, that version answers 404 to its id and leaves it out of its lists. v2 has no state
for a job that was not submitted, so it shows jobs of v1 from their submission on. Beyond the names below:

| | v1 | v2 |
| --- | --- | --- |
| state, no worker yet | \`active\`, step \`Wait_In_Queue\` | \`Queued\` |
| state, cancelled | \`cancelled\` at once | \`TerminatingOnCancel\` until the agent has ended its computing and freed what it wrote, then \`Cancelled\` |
| state, failed | \`failed\` at once | \`TerminatingOnFailure\` likewise, then \`Failed\` |
| name | as given; empty where v2 gave none | left out where it has fewer than three characters |
| options | as a client of v1 sent them; those of a job of v2 as strings | typed |
| times, units | \`executionInformation\` | \`executionInfo\`; \`endedDateTime\` once nothing is computed any more |
| errors, warnings | in \`executionInformation\`, names of v1 | \`/messages\`, names of v2 |
| owner | \`email\` | \`userId\` |

Files inside results have the same names whichever version created the job. Names of inputs, outputs and options are matched
without regard to letter case, names of types with it. \`objects3D\`, \`locations3DAsGeoJSON\`, \`locations3DAsSHP\` and
\`outputCrs\` of \`ChangeDetection\` are names of earlier releases of v2: they are what jobs of v1 are shown with.

${declaredJobTypes.map(section).join('\n')}`
}

/** One line for each type. */
export function supportTable(): string {
  const rows = declaredJobTypes.map((type) => [
    code(type.v1),
    code(type.v2),
    type.title,
    isDelivered(type) ? partsDelivered(type) : 'not yet',
  ])
  return table(['v1', 'v2', 'what', 'delivered'], rows)
}

/** The README with its table of job types as it has to be. */
export function withSupportTable(readme: string): string {
  const [begin, end] = ['<!-- job types: npm run job-types -->', '<!-- end of job types -->']
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)]
  if (from < 0 || to < from) throw new RangeError(`the README has no lines '${begin}' and '${end}'`)
  return `${readme.slice(0, from + begin.length)}\n\n${supportTable()}\n\n${readme.slice(to)}`
}

function partsDelivered({ inputs, outputs, options }: DeclaredJobType): string {
  return Object.entries({ inputs, outputs, options })
    .map(([kind, entries]) => {
      const all = Object.values<{ delivered: boolean }>(entries)
      return `${all.filter(({ delivered }) => delivered).length} of ${all.length} ${kind}`
    })
    .join(', ')
}

function section(type: DeclaredJobType): string {
  const { inputs, outputs, options } = type
  return `## ${[type.v1, type.v2]
    .filter((name) => name !== undefined)
    .map(code)
    .join(', ')}

${type.purpose}${isDelivered(type) ? '' : ' Not delivered yet.'}

${entryTable('input', inputs, ['takes', 'required'], (input) => [takenBy(input), requirement(input, inputs)])}

${entryTable('output', outputs, ['is', 'needs'], (output) => [madeAs(output), code(output.requires)])}
${Object.keys(options).length === 0 ? '' : `\n${optionTable(options)}\n`}${isDelivered(type) ? costOf(type) : ''}`
}

function optionTable(options: Record<string, OptionDeclaration>): string {
  return entryTable('option', options, ['value', 'default'], (option) => [kindOf(option), defaultOf(option)])
}

function entryTable<
  T extends { v1?: string; v2?: string; header?: string; delivered: boolean; help: string },
>(kind: string, entries: Record<string, T>, heads: string[], cells: (entry: T) => string[]): string {
  const rows = Object.entries(entries).map(([name, entry]) => [
    entry.header === undefined ? code(entry.v1) : `${code(name)}: header ${code(entry.header)}`,
    entry.header === undefined ? code(entry.v2) : `header ${code(entry.header)}`,
    entry.delivered ? 'yes' : 'not yet',
    ...cells(entry),
    entry.help,
  ])
  return table([`${kind} of v1`, 'of v2', 'delivered', ...heads, 'meaning'], rows)
}

function takenBy({ kind = 'realityData', many, accepts }: InputDeclaration): string {
  const value = {
    realityData: 'reality data',
    detector: 'detector: reality data or name in the library',
    bucketFile: '`bkt:` and a path in the bucket',
    name: 'name',
  }[kind]
  const types = accepts.length === 0 || kind === 'detector' ? '' : `: ${accepts.join(', ')}`
  return `${many ? 'list of ' : ''}${value}${types}`
}

function requirement({ required }: InputDeclaration, inputs: Record<string, InputDeclaration>): string {
  if (typeof required === 'boolean') return required ? 'yes' : 'no'
  return `unless ${required.unless.map((name) => code(inputs[name]?.v1 ?? inputs[name]?.v2)).join(' or ')}`
}

function madeAs({ realityDataType, rootDocument, bucketFile }: OutputDeclaration): string {
  const type = bucketFile ? 'a file in the bucket' : realityDataType
  return rootDocument === undefined ? type : `${type}, \`${rootDocument}\``
}

function kindOf({
  type,
  unit,
  minimum,
  exclusiveMinimum,
  maximum,
  oneOf,
  pattern,
}: OptionDeclaration): string {
  const bounds = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`to ${maximum}`]),
    ...(oneOf === undefined ? [] : [`of ${oneOf.join(', ')}`]),
    ...(pattern === undefined ? [] : [`as \`${pattern}\``]),
  ]
  const kind = { number: 'number', integer: 'whole number', boolean: 'true or false', string: 'text' }
  const word = type === 'strings' ? 'list of texts' : kind[type]
  return [[word, ...bounds].join(' '), ...(unit === undefined ? [] : [unit])].join(', ')
}

function defaultOf({ default: byDefault }: OptionDeclaration): string {
  return typeof byDefault === 'object' ? byDefault.derived : `\`${byDefault}\``
}

/** The README of the type says what its parameters mean; here is what they come to. */
function costOf(type: JobTypeDeclaration): string {
  const examples = [
    { sceneWidth: 100, sceneLength: 100, sceneHeight: 10 },
    { sceneWidth: 1000, sceneLength: 1000, sceneHeight: 50 },
  ]
  const rows = examples.map((parameters) => [
    Object.entries(parameters)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
    type.estimateProcessingUnits(parameters).toPrecision(2),
  ])
  return `
Predicted cost in processing units, hours of one core, from \`costEstimationParameters\` of v1. It grows with every parameter.
${type.cost}

${table(['parameters', 'estimatedCost'], rows)}
`
}

function code(name: string | undefined): string {
  return name === undefined ? '' : `\`${name}\``
}

function table(head: string[], rows: string[][]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map(cell).join(' | ')} |`)
    .join('\n')
}
