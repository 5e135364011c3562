// The v2 operations on detectors that v1 has otherwise: list, get, create, change texts, create a version.
import {
  createDetector,
  createDetectorVersion,
  getDetector,
  listDetectors,
  patchDetector,
} from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import { FilterError } from '../jobs/filter-tokens.ts'
import {
  detectorApiV2 as api,
  detectorExists,
  detectorFaults,
  detectorNotFound,
  faultMessageOf,
  versionExists,
} from './detector-faults.ts'
import { detectorFilter } from './detector-filter.ts'
import { uploadLinks } from './detector-links.ts'
import {
  isDetectorType,
  labelFaults,
  nameFaults,
  textFaults,
  typeFaults,
  versionFaults,
} from './detector-properties.ts'
import { toMinimalDetector, toV2Detector, toV2Version } from './detector-to-wire.ts'
import { crowdedFaults, findDetector, latestReady, refuseChange } from './find-detector.ts'
import type { DetectorDependencies } from './routes.ts'

export function detectorV2Routes(app: FastifyInstance, dependencies: DetectorDependencies): void {
  const { detectors, mostPerTenant } = dependencies

  registerOperation(
    app,
    listDetectors,
    async ({ caller, query }) => {
      const matches = readFilter(query.$filter)
      const all = await detectors.list(caller.org)
      const listed = all.filter((detector) => matches(latestReady(detector)))
      return { status: 200, body: { detectors: listed.map(toMinimalDetector) } }
    },
    faultMessageOf('list'),
  )

  registerOperation(
    app,
    getDetector,
    async ({ caller, params }) => {
      const detector = await findDetector(detectors, caller, params.detectorName)
      return { status: 200, body: { detector: toV2Detector(detector, dependencies) } }
    },
    faultMessageOf('list'),
  )

  registerOperation(
    app,
    createDetector,
    async ({ caller, body }) => {
      const { name, type, displayName, description, documentationUrl } = body
      const texts = { displayName, description, documentationUrl }
      const faults = [...nameFaults(name), ...typeFaults(type), ...textFaults(texts)]
      if (faults.length > 0 || !isDetectorType(type)) throw detectorFaults(api, 'create', ...faults)
      const crowded = await crowdedFaults(detectors, caller, mostPerTenant)
      if (crowded.length > 0) throw detectorFaults(api, 'create', ...crowded)
      const detector = await detectors.create(caller, { name, type, texts })
      if (detector === undefined) throw detectorExists(name)
      return { status: 201, body: { detector: toV2Detector(detector, dependencies) } }
    },
    faultMessageOf('create'),
  )

  registerOperation(
    app,
    patchDetector,
    async ({ caller, params, body }) => {
      const detector = await findDetector(detectors, caller, params.detectorName)
      refuseChange(caller, detector)
      const { displayName, description, documentationUrl } = body
      const texts = { displayName, description, documentationUrl }
      const faults = textFaults(texts)
      if (faults.length > 0) throw detectorFaults(api, 'modify', ...faults)
      if (!(await detectors.setTexts(detector.org, detector.id, texts))) throw detectorNotFound()
      const changed = await findDetector(detectors, caller, params.detectorName)
      return { status: 200, body: { detector: toV2Detector(changed, dependencies) } }
    },
    faultMessageOf('modify'),
  )

  registerOperation(
    app,
    createDetectorVersion,
    async ({ caller, params, body }) => {
      const detector = await findDetector(detectors, caller, params.detectorName)
      refuseChange(caller, detector)
      const { versionNumber: number, capabilities } = body
      const faults = [
        ...versionFaults(number, 'versionNumber'),
        ...labelFaults(capabilities.labels, 'capabilities.labels'),
      ]
      if (faults.length === 0) faults.push(...(await crowdedFaults(detectors, caller, mostPerTenant)))
      if (faults.length > 0) throw detectorFaults(api, 'createVersion', ...faults)
      const version = await detectors.addVersion(caller, detector.id, { number, ...capabilities })
      if (version === undefined) throw versionExists(detector.name, number, 'versionNumber')
      return {
        status: 201,
        body: {
          version: toV2Version(detector, version, dependencies),
          _links: uploadLinks(detector, version, dependencies),
        },
      }
    },
    faultMessageOf('createVersion'),
  )
}

function readFilter(filter: string | undefined): ReturnType<typeof detectorFilter> {
  if (filter === undefined) return () => true
  try {
    return detectorFilter(filter)
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    throw detectorFaults(api, 'list', { code: 'InvalidParameter', message: error.message, target: '$filter' })
  }
}
