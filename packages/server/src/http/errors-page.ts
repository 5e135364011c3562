// docs/errors.md: every error and warning that a client can get, in tables made of the contract.
import {
  detailMeanings,
  errorMeanings,
  errorStatus,
  type JobMessageDeclaration,
  jobErrors,
  jobWarnings,
  publishedMessage,
} from '@alidade/contract'

/** Found from the contract, which it is made of: it lies beside the packages. */
export const errorsPagePath = new URL('../../../docs/errors.md', import.meta.resolve('@alidade/contract'))

export function errorsPage(): string {
  return `# Errors and warnings

Made of the contract by \`npm run errors\`; a test holds it equal. Codes stay for good, messages may improve.

## Why a job failed

Entries of \`executionInformation.errors\` of a job in state \`failed\`: \`code\`, \`title\`, \`message\`, \`params\`. A failed
job has at least one. \`%1\`, \`%2\` stand for the entries of \`params\`; what to do is the end of the message. What the
headers of the input files tell is refused at submission, in the same words, as \`details\` of a 422.

${jobTable(jobErrors)}

A worker that is lost, and a machine, cost an attempt and not the job: it is taken up again until --max-attempts were
lost. Every other cause ends the job at once, since it would come again. A limit of time counts from the first attempt.

## What a job warns of

Entries of \`executionInformation.warnings\`; the job goes on.

${jobTable(jobWarnings)}

## What a request is answered

\`{"error": {"code", "message", "target"?, "details"?}}\` with the status.

${table(['status', 'code', 'meaning', 'what to do', 'message, where one is published'], apiErrors())}

Codes of the entries of \`details\`, each with \`message\` and mostly \`target\`:

${table(['code', 'meaning'], Object.entries(detailMeanings).map(codeFirst))}

Containers answer with the codes of Azure Blob Storage, in its XML and in the header \`x-ms-error-code\`.
`
}

function jobTable(declarations: Record<string, JobMessageDeclaration>): string {
  const rows = Object.entries(declarations).map(([code, { title, message, params, remedy }]) => [
    `\`${code}\``,
    title,
    message,
    params.map((param, i) => `%${i + 1} ${param}`).join('; '),
    remedy,
  ])
  return table(['code', 'title', 'message', 'params', 'what to do'], rows)
}

function apiErrors(): string[][] {
  const published: Partial<Record<string, string>> = publishedMessage
  return Object.entries(errorMeanings).map(([code, { meaning, remedy }]) => [
    String(errorStatus[code as keyof typeof errorStatus]),
    `\`${code}\``,
    meaning,
    remedy,
    published[code] ?? '',
  ])
}

function codeFirst([code, meaning]: [string, string]): string[] {
  return [`\`${code}\``, meaning]
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
