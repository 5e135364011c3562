// Writes packages/formats/src/crs-control-points.json by cs2cs of PROJ (Debian: proj-bin).
//   npm run control-points
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { crsFromEpsg } from '../../packages/formats/src/crs-epsg.ts'
import { controlPoints } from './control-points.ts'

const path = fileURLToPath(new URL('../../packages/formats/src/crs-control-points.json', import.meta.url))
const points = await controlPoints((epsg) => crsFromEpsg(epsg).proj4!)
await writeFile(path, `[\n${points.map((system) => JSON.stringify(system)).join(',\n')}\n]\n`)
console.log(
  `${points.length} systems, ${points.reduce((sum, { projected }) => sum + projected.length, 0)} places`,
)
