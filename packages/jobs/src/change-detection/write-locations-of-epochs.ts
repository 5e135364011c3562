// locations3DA and locations3DB with their exports: what only the earlier survey holds, and what only the later one does.
import type { JobContext, OutputFolder } from '../job-type.ts'
import type { FoundChanges } from './found-change.ts'
import { writeLocations } from './write-locations.ts'
import { writeScene } from './write-scene.ts'
import { writeShapefile } from './write-shapefile.ts'

/** What appeared is in no place of the earlier survey, what disappeared in none of the later one. */
const elsewhere = { A: 'appeared', B: 'disappeared' } as const

export async function writeLocationsOfEpochs(
  outputs: Record<string, OutputFolder>,
  found: FoundChanges,
  options: JobContext['options'],
): Promise<void> {
  for (const epoch of ['A', 'B'] as const) {
    const changes = found.changes.filter(({ kind }) => kind !== elsewhere[epoch])
    const ofEpoch = { ...found, changes }
    const name = `locations3D${epoch}`
    const [geoJson, shapefile] = [`${name}AsGeoJSON`, `${name}AsSHP`]
    if (outputs[name]) await writeScene(outputs[name], ofEpoch)
    if (outputs[geoJson]) await writeLocations(outputs[geoJson], ofEpoch)
    if (outputs[shapefile]) await writeShapefile(outputs[shapefile], ofEpoch, options.exportSrs)
  }
}
