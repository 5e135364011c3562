// Which programs of others this machine has. What is missing is skipped and says so in the name of its tests.
import { execFileSync } from 'node:child_process'

/** By the name of the package of Debian that brings the program. */
const asked = {
  'gdal-bin': ['ogrinfo', '--version'],
  'proj-bin': ['projinfo', 'EPSG:4326'],
} as const

export function missing(debianPackage: keyof typeof asked): { missing: boolean; note: string } {
  const [program, ...args] = asked[debianPackage]
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return { missing: false, note: '' }
  } catch {
    return { missing: true, note: ` [skipped: no ${program}, of ${debianPackage}, on this machine]` }
  }
}
