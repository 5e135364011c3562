// Whether PROJ still says what `npm run control-points` wrote down for the tests that have no PROJ.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { crsFromEpsg } from '../../packages/formats/src/crs-epsg.ts'
import { controlPoints, type ControlPoints } from './control-points.ts'
import { missing } from './installed.ts'

const proj = missing('proj-bin')

test.skipIf(proj.missing)(`the control points are those of PROJ${proj.note}`, async () => {
  const path = new URL('../../packages/formats/src/crs-control-points.json', import.meta.url)
  const written: ControlPoints[] = JSON.parse(await readFile(path, 'utf8'))
  const asked = await controlPoints((epsg) => crsFromEpsg(epsg).proj4!)
  expect(asked.map(({ epsg, definition }) => ({ epsg, definition }))).toEqual(
    written.map(({ epsg, definition }) => ({ epsg, definition })),
  )
  const largestOff = (kind: 'projected' | 'shifted', column: number) =>
    Math.max(
      ...asked.flatMap((system, i) =>
        (system[kind] ?? []).map((place, k) => Math.abs(place[column]! - written[i]![kind]![k]![column]!)),
      ),
    )
  // A tenth of a millimetre, or of a foot or a link where the system is in those.
  for (const column of [0, 1, 2, 3]) expect(largestOff('projected', column)).toBeLessThan(1e-4)
  for (const column of [2, 3]) expect(largestOff('shifted', column)).toBeLessThan(1e-9)
})
