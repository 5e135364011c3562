// The published v2 client in Python, written down as far as it decides what goes over the wire: it is no npm package and
// cannot be installed here. Made from its public source (github.com/iTwin/reality-capture, python_sdk): the same paths,
// headers, spelling of queries and bodies, and what its models refuse in an answer. It shows that the wire fits, not
// that a package runs.

// biome-ignore lint/suspicious/noExplicitAny: answers are read as the client does, member by member, and fail there.
type Json = any

export interface PythonAnswer {
  status: number
  /** Undefined: the body is empty, and the client does not look at it. */
  json: Json
}

/** Sends as its `requests` session does: a query with `+` for a space and `%24` for `$`, and `None` as null. */
export async function sendAsPythonV2(
  token: string,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  { query = {}, body, prefer }: { query?: Record<string, string>; body?: object; prefer?: string } = {},
): Promise<PythonAnswer> {
  const version = path.startsWith('reality-management/') ? 'v1' : 'v2'
  const asked = new URLSearchParams(query).toString()
  const answer = await fetch(`https://api.bentley.com/${path}${asked === '' ? '' : `?${asked}`}`, {
    method,
    headers: {
      Authorization: token,
      'User-Agent': 'Reality Capture Python SDK/2.6.0',
      'Content-type': 'application/json',
      Accept: `application/vnd.bentley.itwin-platform.${version}+json`,
      // Once a list has been asked for, the header stays in the session's dictionary.
      ...(prefer !== undefined && { Prefer: prefer }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) }
}

const jobStates = [
  'Queued',
  'Active',
  'Success',
  'Failed',
  'TerminatingOnCancel',
  'TerminatingOnFailure',
  'Cancelled',
]

/** What its model of a job refuses: a state in another case, a member that is missing, a number that is a text. */
export function readJob(job: Json) {
  const { executionInfo, specifications } = job
  return {
    ...{ id: text(job.id), type: text(job.type), iTwinId: text(job.iTwinId), userId: text(job.userId) },
    state: oneOf(jobStates, job.state),
    createdDateTime: dateTime(executionInfo.createdDateTime),
    startedDateTime: optional(dateTime, executionInfo.startedDateTime),
    endedDateTime: optional(dateTime, executionInfo.endedDateTime),
    processingUnits: optional(number, executionInfo.processingUnits),
    inputs: specifications.inputs as Record<string, string>,
    outputs: textsOf(specifications.outputs),
    options: specifications.options as Record<string, unknown> | undefined,
  }
}

export function readProgress({ progress }: Json) {
  const percentage = number(progress.percentage)
  if (percentage < 0 || percentage > 100) throw new RangeError(`percentage ${percentage}`)
  return { state: oneOf(jobStates, progress.state), percentage }
}

/** Both lists are required, and each entry has its parameters as a list of texts. */
export function readMessages({ messages }: Json) {
  const read = (entries: Json[]) =>
    entries.map(({ code, title, message, params }) => ({
      ...{ code: text(code), title: text(title), message: text(message) },
      params: params.map(text) as string[],
    }))
  return { errors: read(messages.errors), warnings: read(messages.warnings) }
}

/** A reality data in full. Its model takes whole kilobytes alone. */
export function readRealityData({ realityData }: Json) {
  for (const name of ['createdDateTime', 'modifiedDateTime', 'lastAccessedDateTime'])
    dateTime(realityData[name])
  if (!Number.isInteger(realityData.size)) throw new TypeError(`size ${realityData.size}`)
  for (const name of ['displayName', 'type', 'dataCenterLocation']) text(realityData[name])
  return { id: text(realityData.id), size: realityData.size as number }
}

/** The model of a list takes entries whole or minimal, and looks for the token in the link. */
export function readContinuationToken({ _links }: Json): string | undefined {
  if (_links === undefined) return undefined
  return new URL(text(_links.next.href)).searchParams.get('continuationToken') ?? undefined
}

function textsOf(map: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, text(value)]))
}

function optional<T>(read: (value: unknown) => T, value: unknown): T | undefined {
  return value === undefined ? undefined : read(value)
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`expected a text, got ${JSON.stringify(value)}`)
  return value
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`expected a number, got ${JSON.stringify(value)}`)
  return value
}

function dateTime(value: unknown): Date {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text(value)))
    throw new TypeError(`expected ISO-8601 in UTC with Z, got ${value}`)
  return new Date(value as string)
}

function oneOf(known: readonly string[], value: unknown): string {
  if (!known.includes(value as string)) throw new TypeError(`found an unexpected ${JSON.stringify(value)}`)
  return value as string
}
