// The detectors of v1: a detector and its first version are created in one step, and so is every further version.
import type { DetectorV1, DetectorV1Create, DetectorV1Patch } from '@alidade/contract'
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

export interface DetectorsV1 extends DetectorVersionCalls {
  /** Those of the tenant, and the published versions of others. */
  list(options?: CallOptions): Promise<DetectorV1[]>
  get(name: string, options?: CallOptions): Promise<DetectorV1>
  /** A new detector, or a further version of one of that name. */
  create(detector: DetectorV1Create, options?: CallOptions): Promise<UploadUrl & { detector: DetectorV1 }>
  update(name: string, changes: DetectorV1Patch, options?: CallOptions): Promise<DetectorV1>
}

const base = '/realitydataanalysis'

export function createDetectorsV1(send: Send): DetectorsV1 {
  const path = `${base}/detectors`
  return {
    ...createDetectorVersionCalls(send, base, 'version'),
    async list({ signal } = {}) {
      return arrayIn(await send({ method: 'GET', path, signal }), 'detectors')
    },
    async get(name, { signal } = {}) {
      return objectIn(await send({ method: 'GET', path: detectorPath(base, name), signal }), 'detector')
    },
    async create(detector, { signal } = {}) {
      const answer = await send({ method: 'POST', path, body: { detector }, signal })
      return { detector: objectIn(answer, 'detector'), uploadUrl: uploadUrlIn(answer) }
    },
    async update(name, changes, { signal } = {}) {
      const body = { detector: changes }
      return objectIn(
        await send({ method: 'PATCH', path: detectorPath(base, name), body, signal }),
        'detector',
      )
    },
  }
}
