// When a job is created, each of its inputs that is a detector is held fast: the version of the library, or the files of
// the reality data, with their hash. What happens to the name or the files afterwards is no matter to the job.
import { createHash } from 'node:crypto'
import {
  type DetectorType,
  detectorTypes,
  guidPattern,
  type InputDeclaration,
  taskOfDetectorType,
} from '@alidade/contract'
import { type DetectorFile, type DetectorLimits, describeFiles, FormatError } from '@alidade/jobs'
import type { WorkBlobs } from '../../blobs/blob-store.ts'
import type { DetectorStore } from '../../store/detector-store.ts'
import type { Binding, DetectorPin } from '../../store/job-record.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import { parseDetectorIdentifier } from './detector-identifier.ts'
import { latestReady } from './find-detector.ts'

export interface PinOptions {
  detectors: Pick<DetectorStore, 'find'>
  realityData: Pick<RealityDataStore, 'get'>
  blobs: Pick<WorkBlobs, 'list' | 'read'>
  limits: DetectorLimits
}

export interface PinnedInputs {
  inputs: Binding[]
  /** `index`: of the input at fault. */
  faults: { index: number; message: string }[]
}

/** What is pinned already stays as it is. */
export type PinDetectors = (
  org: string,
  declared: Readonly<Record<string, InputDeclaration>>,
  inputs: readonly Binding[],
) => Promise<PinnedInputs>

/** For a service without detectors. */
export const withoutDetectors: PinDetectors = async (_org, _declared, inputs) => ({
  inputs: [...inputs],
  faults: [],
})

const guid = new RegExp(guidPattern)

export function createPinDetectors(options: PinOptions): PinDetectors {
  return async (org, declared, inputs) => {
    const faults: PinnedInputs['faults'] = []
    const pinned: Binding[] = []
    for (const [index, input] of inputs.entries()) {
      if (declared[input.name]?.kind !== 'detector' || input.detector !== undefined) {
        pinned.push(input)
        continue
      }
      const wanted = { org, type: detectorTypeOf(input.name), named: input.realityDataId }
      const pin = guid.test(wanted.named)
        ? await pinFiles(wanted, options)
        : await pinVersion(wanted, options)
      if ('problem' in pin) faults.push({ index, message: `Input '${input.name}' ${pin.problem}` })
      else pinned.push({ ...input, detector: pin })
    }
    return { inputs: pinned, faults }
  }
}

/** `photoObjectDetector` takes detectors of the type PhotoObjectDetector, and so on for all. */
function detectorTypeOf(input: string): DetectorType {
  const type = detectorTypes.find((one) => one.toLowerCase() === input.toLowerCase())
  if (type === undefined) throw new TypeError(`the input '${input}' is no detector that there is a type of`)
  return type
}

interface Wanted {
  org: string
  type: DetectorType
  /** The id of a reality data, or an identifier of the library. */
  named: string
}

async function pinVersion(
  { org, type, named }: Wanted,
  { detectors }: PinOptions,
): Promise<DetectorPin | { problem: string }> {
  const identifier = parseDetectorIdentifier(named)
  const shown = `'${named.slice(0, 160)}'`
  if (identifier === undefined) {
    return {
      problem: `must be the id of a reality data, or a detector such as 'cracks' or '@scope/cracks/1.0', got ${shown}.`,
    }
  }
  const detector = await detectors.find(org, identifier.name)
  if (detector === undefined) return { problem: `refers to detector ${shown}, which does not exist.` }
  if (detector.type !== type)
    return { problem: `needs a ${type}; detector '${detector.name}' is a ${detector.type}.` }
  if (identifier.version === undefined) {
    const latest = latestReady(detector)
    return latest === undefined
      ? { problem: `refers to detector ${shown}, of which no version is ready.` }
      : pinOf(detector.name, latest)
  }
  const version = detector.versions.find(({ number }) => number === identifier.version)
  if (version === undefined) return { problem: `refers to detector ${shown}, which does not exist.` }
  if (version.ready === undefined)
    return { problem: `refers to detector ${shown}, which still awaits its file.` }
  return pinOf(detector.name, version)
}

type ReadyVersion = NonNullable<ReturnType<typeof latestReady>>

function pinOf(name: string, { id: versionId, number: version, ready }: ReadyVersion): DetectorPin {
  return { library: { name, version, versionId }, sha256: ready!.sha256 }
}

async function pinFiles(
  { org, type, named }: Wanted,
  { realityData, blobs, limits }: PinOptions,
): Promise<DetectorPin | { problem: string }> {
  const record = await realityData.get(org, named)
  if (record === undefined) return { problem: `refers to ${named}, which does not exist.` }
  const { type: dataType } = record.properties
  if (dataType.toLowerCase() !== 'contextdetector') {
    return {
      problem: `accepts ContextDetector; reality data ${named} is of type '${dataType.slice(0, 80)}'.`,
    }
  }
  try {
    const files = await filesOf({ id: record.id, attempt: record.attempt ?? 0 }, blobs, limits)
    // A reality data declares no labels: they have to be in its files.
    await describeFiles(files, { task: taskOfDetectorType[type], labels: [] })
    return { sha256: await hashOf(files) }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return { problem: `refers to ${named}, which is no detector: ${error.message}` }
  }
}

/** One page of them: a detector has few. */
async function filesOf(
  container: { id: string; attempt: number },
  blobs: PinOptions['blobs'],
  { mostEntries, mostBytes }: DetectorLimits,
): Promise<DetectorFile[]> {
  const { blobs: listed, nextMarker } = await blobs.list(container, { maxResults: mostEntries })
  if (nextMarker !== undefined)
    throw new FormatError('Unsupported', 'files', `expected at most ${mostEntries}, got more`)
  const bytes = listed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (bytes > mostBytes) {
    throw new FormatError('Unsupported', 'files', `expected at most ${mostBytes} bytes, got ${bytes}`)
  }
  return listed.map(({ name, sizeBytes, etag }) => ({
    name,
    sizeBytes,
    chunks: async function* () {
      const { stream } = await blobs.read(container, name, { ifMatch: etag })
      for await (const chunk of stream) yield chunk as Uint8Array
    },
  }))
}

/** Of all names and bytes, in the order of the names: whoever has the files can compute it again. */
async function hashOf(files: readonly DetectorFile[]): Promise<string> {
  const whole = createHash('sha256')
  for (const { name, chunks } of files) {
    const one = createHash('sha256')
    for await (const chunk of chunks()) one.update(chunk)
    whole.update(`${one.digest('hex')}  ${name}\n`)
  }
  return whole.digest('hex')
}
