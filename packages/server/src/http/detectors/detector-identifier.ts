// How a job names a detector of the library: `cracks`, `cracks/1.0`, `@scope/cracks`, `@scope/cracks/1.0`. Without a
// version it means the highest number that is ready when the job is created.
import { detectorNamePattern, detectorVersionPattern } from '@alidade/contract'

export interface DetectorIdentifier {
  name: string
  version: string | undefined
}

const namePattern = new RegExp(detectorNamePattern)
const versionPattern = new RegExp(detectorVersionPattern)

/** Undefined: it is no identifier of a detector. */
export function parseDetectorIdentifier(text: string): DetectorIdentifier | undefined {
  const segments = text.split('/')
  const name = segments.splice(0, text.startsWith('@') ? 2 : 1).join('/')
  const [version, ...rest] = segments
  const sound =
    namePattern.test(name) && rest.length === 0 && (version === undefined || versionPattern.test(version))
  return sound ? { name, version } : undefined
}
