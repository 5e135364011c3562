// What a container URL of the library stands for: where the file of a version is uploaded, and read once it is ready.
import type { DetectorLimits } from '@alidade/jobs'
import type { ResolvedContainer } from '../../blobs/blob-routes.ts'
import type { DetectorStore } from '../../store/detector-store.ts'

/** More than a detector may have is not taken in the first place. */
export async function resolveDetectorContainer(
  detectors: Pick<DetectorStore, 'resolveContainer'>,
  { mostFileBytes }: DetectorLimits,
  id: string,
): Promise<ResolvedContainer | undefined> {
  const resolved = await detectors.resolveContainer(id)
  return resolved && { ...resolved, maxBlobBytes: mostFileBytes }
}
