// A job type all of whose runs are divided, in one process.
import type { JobType } from './job-type.ts'
import { runInParts } from './run-in-parts.ts'

export function divided(
  type: JobType,
  { fromPoints, onTiles }: { fromPoints: number; onTiles?: (names: string[]) => void },
): JobType {
  const counting = { step: type.declaration.steps[1]!, part: 'tiles', points: 1000 }
  return {
    ...type,
    run: (context) =>
      runInParts(type.division!, context, {
        ...{ fromPoints, counting },
        onTiles: (tiles) => onTiles?.(tiles.map(({ name }) => name)),
      }),
  }
}
