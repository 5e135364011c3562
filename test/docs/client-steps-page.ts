// docs/client-steps.md: every step of every published client, with its result, as a run of the tests had it.
import { fileURLToPath } from 'node:url'

export const clientStepsPagePath = fileURLToPath(new URL('../../docs/client-steps.md', import.meta.url))

/** What each file of `test/published-clients/` is about, in the order of the page. */
export const clientOfFile: Readonly<Record<string, string>> = {
  'every-call.test.ts': '`@itwin/reality-capture` 1.7.0, every public method',
  'reality-capture.test.ts': '`@itwin/reality-capture`, its Reality Management and transfers',
  'reality-capture-jobs.test.ts': '`@itwin/reality-capture`, jobs that take more than one call',
  'segmentation.test.ts': 'segmentation and ground by all of them, to the end',
  'detectors.test.ts': '`@itwin/reality-capture`, detectors',
  'reality-data-client.test.ts': '`@itwin/reality-data-client` 1.6.0, every public method',
  'storage-blob.test.ts': '`@azure/storage-blob`',
  'v1-jobs.test.ts': 'v1 clients in TypeScript and Python, recorded',
  'python-v2.test.ts': 'v2 client in Python, recorded',
  'wire-demands.test.ts': 'what the five published clients send and demand, one by one',
  'spellings.test.ts': 'spellings of Reality Management',
  'documented-ways.test.ts': 'the programs of `docs/clients.md`, as they stand there',
  'own-certificate.test.ts': 'clients that let nothing be changed',
}

export interface Step {
  /** Name of the file, without its folder. */
  file: string
  /** What it is under, outermost first, and its own title. */
  titles: readonly string[]
  passed: boolean
}

export function clientStepsPage(steps: readonly Step[], versions: string): string {
  const failed = steps.filter(({ passed }) => !passed).length
  const sections = Object.entries(clientOfFile).map(([file, client]) => {
    const own = steps.filter((step) => step.file === file)
    const rows = own.map(({ titles, passed }) => `| ${cell(titles)} | ${passed ? 'passed' : '**failed**'} |`)
    return [
      `## ${capital(client)}`,
      `\`test/published-clients/${file}\`, ${own.length} steps`,
      ['| step | result |', '|---|---|', ...rows].join('\n'),
    ].join('\n\n')
  })
  return `# Every step of every client

Written by \`npm run clients:steps\`, which runs the tests of \`test/published-clients/\` against the real command and lists
them; ${versions}. ${steps.length} steps, ${failed} failed.

Packages named with a version run as they are published. What is called recorded is a transcript of a client that is on no
npm registry, made from its public source: it shows that the wire fits, not that the package runs.

${sections.join('\n\n')}
`
}

function cell(titles: readonly string[]): string {
  return titles
    .join(': ')
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, '<id>')
    .replaceAll(/[|<>]/g, (character) => ({ '|': '\\|', '<': '&lt;', '>': '&gt;' })[character]!)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
