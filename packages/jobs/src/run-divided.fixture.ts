// A job type all of whose runs are divided, in one process.
import type { JobType, Tile } from './job-type.ts'
import { runInParts } from './run-in-parts.ts'

export function divided(
  type: JobType,
  { fromPoints, onTiles }: { fromPoints: number; onTiles?: (tiles: Tile[]) => void },
): JobType {
  const counting = { step: type.declaration.steps[1]!, part: 'tiles', points: 1000 }
  return {
    ...type,
    run: (context) =>
      runInParts(type.division!, context, {
        ...{ fromPoints, counting },
        onTiles,
      }),
  }
}
