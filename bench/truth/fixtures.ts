// The runs that the percentage is judged on: real surveys, and the same side by side until they last. These are of changes.
import { mkdir, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { autzenHalves } from '../autzen-halves.ts'
import { cloudFixtures } from './cloud-fixtures.ts'
import { type Fixture, tiles, ttp } from './fixture.ts'
import { shiftedCopies } from './shifted-copies.ts'

const site4 = (data: string) =>
  [1, 2].map((epoch) => [join(data, `pointcloud/change/site4_epoch${epoch}.las`)])
const halves = async (data: string, folder: string) =>
  (await autzenHalves(data, folder)).map((path) => [path])
/** Both tiles as LAZ against one half of their points: the earlier survey is read much slower than the later one. */
const mixed = async (data: string, folder: string) => [tiles(data), [(await autzenHalves(data, folder))[1]]]

const withCrs = ['objects3D', 'exportedLocations3DGeoJSON']
/** The Autzen files name no CRS, without which there is no GeoJSON. */
const withoutCrs = ['objects3D']

const two = { threads: 2 }
export const fixtures: Record<string, Fixture> = {
  site4: {
    ...two,
    about: 'site4, LAS',
    outputs: withCrs,
    surveys: async (data, folder) => linked(site4(data), folder),
  },
  ttp: {
    ...two,
    about: 'TTP, LAZ',
    outputs: withCrs,
    surveys: async (data, folder) => linked(ttp(data), folder),
  },
  halves: {
    ...two,
    about: 'Autzen halves, LAS',
    outputs: withoutCrs,
    surveys: async (data, folder) => linked(await halves(data, folder), folder),
  },
  halvesx2: {
    ...two,
    about: 'Autzen halves twice, LAS',
    outputs: withoutCrs,
    surveys: async (data, folder) => shiftedCopies(await halves(data, folder), 2, folder),
  },
  site4x16: {
    ...two,
    about: 'site4 16 times, LAS',
    outputs: withCrs,
    surveys: async (data, folder) => shiftedCopies(site4(data), 16, folder),
  },
  ttpx16: {
    ...two,
    about: 'TTP 16 times, LAZ',
    outputs: withCrs,
    surveys: async (data, folder) => shiftedCopies(ttp(data), 16, folder),
  },
  mixed: {
    ...two,
    about: 'Autzen tiles as LAZ against a half as LAS',
    outputs: withoutCrs,
    surveys: async (data, folder) => shiftedCopies(await mixed(data, folder), 1, folder),
  },
  minute: {
    ...two,
    about: 'Autzen halves 4 times, LAS',
    outputs: withoutCrs,
    surveys: async (data, folder) => shiftedCopies(await halves(data, folder), 4, folder),
  },
  fiveMinutes: {
    threads: 1,
    about: 'Autzen halves 14 times, LAS, one thread',
    outputs: withoutCrs,
    surveys: async (data, folder) => shiftedCopies(await halves(data, folder), 14, folder),
  },
  ...cloudFixtures,
}

/** The files where they lie, in a folder for each survey. */
async function linked(surveys: readonly (readonly string[])[], folder: string): Promise<string[]> {
  const folders: string[] = []
  for (const [epoch, paths] of surveys.entries()) {
    const into = join(folder, `${epoch + 1}`)
    await mkdir(into, { recursive: true })
    for (const path of paths) await symlink(path, join(into, basename(path)))
    folders.push(into)
  }
  return folders
}
