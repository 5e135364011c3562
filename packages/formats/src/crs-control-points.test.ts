// Against cs2cs of PROJ 9.1.1: `npm run control-points` writes what it said, `test/outside-readers` asks it again.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Crs, crsFromDefinition, reproject, toWgs84 } from './crs.ts'

const toleranceMetres = 0.001
const metresPerDegree = 111_320

interface ControlPoints {
  family: string
  epsg: number
  projected: [lon: number, lat: number, x: number, y: number][]
  shifted?: [x: number, y: number, lon: number, lat: number][]
}

const systems: ControlPoints[] = JSON.parse(
  await readFile(new URL('./crs-control-points.json', import.meta.url), 'utf8'),
)
const families = [...new Set(systems.map(({ family }) => family))]

/** A system without its datum, and longitude and latitude on its own ellipsoid. */
function onItsOwnDatum(epsg: number) {
  const { proj4: definition, linearUnit } = crsFromDefinition(`EPSG:${epsg}`)
  const bare = definition!.replace(/\+(towgs84|datum|nadgrids)=\S+ ?/g, (part) =>
    part.startsWith('+datum=WGS84')
      ? '+ellps=WGS84 '
      : part.startsWith('+datum=NAD83')
        ? '+ellps=GRS80 '
        : '',
  )
  const figure = [...bare.matchAll(/\+(ellps|a|b|rf|R)=\S+/g)].map(([part]) => part).join(' ')
  const [geographic, plane] = [`+proj=longlat ${figure} +no_defs`, bare].map(crsFromDefinition) as [Crs, Crs]
  return {
    there: reproject(geographic, plane),
    back: reproject(plane, geographic),
    metres: linearUnit.metres,
  }
}

test.each(families)('%s: at least 20 places, there and back, to the millimetre of PROJ', (family) => {
  let places = 0
  const off: number[] = []
  for (const { epsg, projected } of systems.filter((system) => system.family === family)) {
    const { there, back, metres } = onItsOwnDatum(epsg)
    for (const [lon, lat, x, y] of projected) {
      places++
      const [ourX, ourY] = there(lon, lat)
      off.push(Math.hypot(ourX - x, ourY - y) * metres, metresApart(...back(x, y), lon, lat))
    }
  }
  expect(places).toBeGreaterThanOrEqual(20)
  expect(Math.max(...off)).toBeLessThan(toleranceMetres)
})

test('shifts of old datums to WGS 84 by three and by seven parameters', () => {
  const shifted = systems.flatMap(({ epsg, shifted = [] }) =>
    shifted.map((place) => [epsg, ...place] as const),
  )
  expect(shifted.length).toBeGreaterThanOrEqual(100)
  for (const [epsg, x, y, lon, lat] of shifted) {
    const place = toWgs84(crsFromDefinition(`EPSG:${epsg}`))(x, y)
    expect(metresApart(...place, lon, lat), `EPSG:${epsg} ${x} ${y}`).toBeLessThan(toleranceMetres)
  }
})

function metresApart(lonA: number, latA: number, lonB: number, latB: number): number {
  const turn = ((lonA - lonB + 540) % 360) - 180
  return Math.hypot(turn * Math.cos((latB * Math.PI) / 180), latA - latB) * metresPerDegree
}
