// The v1 operations on detectors that v2 has otherwise: list, get, create with a version, change texts.
import { createDetectorV1, getDetectorV1, listDetectorsV1, patchDetectorV1 } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { Caller } from '../../auth/caller.ts'
import type {
  DetectorRecord,
  DetectorVersionRecord,
  NewDetector,
  NewDetectorVersion,
} from '../../store/detector-store.ts'
import { registerOperation } from '../operation-route.ts'
import {
  detectorApiV1 as api,
  detectorFaults,
  detectorNotFound,
  faultMessageOf,
  versionExists,
} from './detector-faults.ts'
import { uploadLinks } from './detector-links.ts'
import {
  isDetectorType,
  labelFaults,
  nameFaults,
  textFaults,
  typeFaults,
  versionFaults,
} from './detector-properties.ts'
import { toV1Detector } from './detector-to-wire.ts'
import { findDetector, refuseChange } from './find-detector.ts'
import type { DetectorDependencies } from './routes.ts'

export function detectorV1Routes(app: FastifyInstance, dependencies: DetectorDependencies): void {
  const { detectors } = dependencies

  registerOperation(
    app,
    listDetectorsV1,
    async ({ caller }) => {
      const all = await detectors.list(caller.org)
      return { status: 200, body: { detectors: all.map(toV1Detector) } }
    },
    faultMessageOf('list'),
  )

  registerOperation(
    app,
    getDetectorV1,
    async ({ caller, params }) => {
      const detector = await findDetector(detectors, caller, params.detectorName)
      return { status: 200, body: { detector: toV1Detector(detector) } }
    },
    faultMessageOf('list'),
  )

  registerOperation(
    app,
    createDetectorV1,
    async ({ caller, body }) => {
      const { name, type, version: number, labels, exports = [], ...texts } = body.detector
      const faults = [
        ...nameFaults(name, 'detector.'),
        ...typeFaults(type, 'detector.'),
        ...versionFaults(number, 'detector.version'),
        ...labelFaults(labels, 'detector.labels'),
        ...textFaults(texts, 'detector.'),
      ]
      if (faults.length > 0 || !isDetectorType(type)) throw detectorFaults(api, 'create', ...faults)
      const { displayName, description, documentationUrl } = texts
      const wanted = { name, type, texts: { displayName, description, documentationUrl } }
      const { detector, version } = await create(caller, wanted, { number, labels, exports })
      const shown = {
        ...detector,
        versions: [...detector.versions.filter(({ id }) => id !== version.id), version],
      }
      return {
        status: 201,
        body: { detector: toV1Detector(shown), _links: uploadLinks(detector, version, dependencies) },
      }
    },
    faultMessageOf('create'),
  )

  registerOperation(
    app,
    patchDetectorV1,
    async ({ caller, params, body }) => {
      const detector = await findDetector(detectors, caller, params.detectorName)
      refuseChange(caller, detector)
      const { displayName, description, documentationUrl } = body.detector
      const texts = { displayName, description, documentationUrl }
      const faults = textFaults(texts, 'detector.')
      if (faults.length > 0) throw detectorFaults(api, 'modify', ...faults)
      if (!(await detectors.setTexts(detector.org, detector.id, texts))) throw detectorNotFound()
      const changed = await findDetector(detectors, caller, params.detectorName)
      return { status: 200, body: { detector: toV1Detector(changed) } }
    },
    faultMessageOf('modify'),
  )

  /** A detector with its first version; a further version, where the tenant has a detector of that name. */
  async function create(
    caller: Caller,
    wanted: NewDetector,
    wantedVersion: NewDetectorVersion,
  ): Promise<{ detector: DetectorRecord; version: DetectorVersionRecord }> {
    const created = await detectors.create(caller, wanted, wantedVersion)
    if (created !== undefined) return { detector: created, version: created.versions[0]! }
    const detector = await findDetector(detectors, caller, wanted.name)
    refuseChange(caller, detector)
    if (detector.type !== wanted.type) {
      const message = `Detector '${detector.name}' is of type ${detector.type}, got ${wanted.type}.`
      throw detectorFaults(api, 'create', { code: 'InvalidValue', message, target: 'detector.type' })
    }
    const version = await detectors.addVersion(caller, detector.id, wantedVersion)
    if (version === undefined) throw versionExists(detector.name, wantedVersion.number, 'detector.version')
    return { detector, version }
  }
}
