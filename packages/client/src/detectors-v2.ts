// The detectors of v2: the detector first, then its versions.
import type {
  Detector,
  DetectorCreate,
  DetectorMinimal,
  DetectorPatch,
  DetectorVersion,
  DetectorVersionCreate,
} from '@alidade/contract'
import { arrayIn, objectIn } from './answer.ts'
import {
  createDetectorVersionCalls,
  type DetectorVersionCalls,
  detectorPath,
  type UploadUrl,
  uploadUrlIn,
} from './detector-versions.ts'
import type { CallOptions } from './jobs.ts'
import type { Send } from './send.ts'

export interface ListDetectorsOptions extends CallOptions {
  /** E.g. `exports in ('Polygons','Lines') and labels in ('crack')`. */
  readonly filter?: string
}

export interface Detectors extends DetectorVersionCalls {
  /** Those of the tenant, and those of others that have a published version; without their versions. */
  list(options?: ListDetectorsOptions): Promise<DetectorMinimal[]>
  get(name: string, options?: CallOptions): Promise<Detector>
  create(detector: DetectorCreate, options?: CallOptions): Promise<Detector>
  update(name: string, changes: DetectorPatch, options?: CallOptions): Promise<Detector>
  createVersion(
    name: string,
    version: DetectorVersionCreate,
    options?: CallOptions,
  ): Promise<UploadUrl & { version: DetectorVersion }>
}

const base = '/reality-analysis'

export function createDetectors(send: Send): Detectors {
  const path = `${base}/detectors`
  return {
    ...createDetectorVersionCalls(send, base, 'versions'),
    async list({ filter, signal } = {}) {
      return arrayIn(await send({ method: 'GET', path, query: { $filter: filter }, signal }), 'detectors')
    },
    async get(name, { signal } = {}) {
      return objectIn(await send({ method: 'GET', path: detectorPath(base, name), signal }), 'detector')
    },
    async create(detector, { signal } = {}) {
      return objectIn(await send({ method: 'POST', path, body: detector, signal }), 'detector')
    },
    async update(name, changes, { signal } = {}) {
      const call = { method: 'PATCH', path: detectorPath(base, name), body: changes, signal } as const
      return objectIn(await send(call), 'detector')
    },
    async createVersion(name, version, { signal } = {}) {
      const versionsPath = `${detectorPath(base, name)}/versions`
      const answer = await send({ method: 'POST', path: versionsPath, body: version, signal })
      return { version: objectIn(answer, 'version'), uploadUrl: uploadUrlIn(answer) }
    },
  }
}
