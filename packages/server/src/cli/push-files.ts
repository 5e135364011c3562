// Files of this machine on their way into a reality data, for `push` and `submit`.
import { readdir, stat } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import type { Client } from '@alidade/client'
import { type PushResult, push } from '@alidade/client/node'
import type { RealityData, RealityDataCreate } from '@alidade/contract'
import type { Io } from './main.ts'
import { pushJournalPath } from './push-journal-path.ts'
import { transferProgress } from './transfer-progress.ts'
import { UsageError } from './usage-error.ts'

const typeByExtension: Record<string, string> = {
  '.las': 'LAS',
  '.laz': 'LAZ',
  '.e57': 'E57',
  '.ply': 'PLY',
  '.obj': 'OBJ',
  '.glb': 'GLB',
  '.gltf': 'GLTF',
  '.3mx': '3MX',
  '.3sm': '3SM',
  '.opc': 'OPC',
  '.pod': 'PointCloud',
  '.tif': 'Orthophoto',
  '.tiff': 'Orthophoto',
  '.jpg': 'CCImageCollection',
  '.jpeg': 'CCImageCollection',
  '.geojson': 'GeoJSON',
  '.shp': 'SHP',
}
const typeByName: Record<string, string> = {
  'ContextScene.json': 'ContextScene',
  'ContextScene.xml': 'ContextScene',
  'tileset.json': 'Cesium3DTiles',
  'alidade-detector.json': 'ContextDetector',
}

/** Throws UsageError for a path that is not there. */
export async function resolveSources(paths: readonly string[], io: Io): Promise<string[]> {
  return Promise.all(
    paths.map(async (path) => {
      const absolute = resolve(io.cwd, path)
      await stat(absolute).catch((error: NodeJS.ErrnoException) => {
        throw new UsageError(`${path} cannot be read (${error.code})`, { cause: error })
      })
      return absolute
    }),
  )
}

/** A new reality data for these files; what is not said is taken from their names. */
export async function createFor(
  client: Client,
  sources: readonly string[],
  {
    type,
    name,
    iTwinId,
  }: { type?: string | undefined; name?: string | undefined; iTwinId?: string | undefined },
  io: Io,
): Promise<RealityData> {
  const names = (await Promise.all(sources.map(namesAt))).flat()
  const rootDocument =
    names.find((one) => Object.hasOwn(typeByName, one)) ?? (names.length === 1 ? names[0] : undefined)
  const data: RealityDataCreate = {
    displayName: name ?? basename(sources[0]!),
    type: type ?? guessType(names),
    ...(iTwinId !== undefined && { iTwinId }),
    ...(rootDocument !== undefined && { rootDocument }),
  }
  return client.realityData.create(data, { signal: io.signal })
}

/** Pushes with a bar, and a journal so that it can be taken up again. */
export async function pushFiles(
  client: Client,
  realityDataId: string,
  sources: readonly string[],
  io: Io,
): Promise<PushResult> {
  const { signal } = io
  const progress = transferProgress(io.stderr)
  try {
    return await push(() => client.realityData.writeAccess(realityDataId, { signal }), sources, {
      signal,
      journal: await pushJournalPath(realityDataId, io),
      onBytes: progress.show,
    })
  } finally {
    progress.end()
  }
}

async function namesAt(path: string): Promise<string[]> {
  return (await stat(path)).isDirectory() ? readdir(path) : [basename(path)]
}

/** By the first file whose name says something; the service takes the type as it is and compares it with the input. */
function guessType(names: readonly string[]): string {
  const byName = names.find((name) => Object.hasOwn(typeByName, name))
  if (byName !== undefined) return typeByName[byName]!
  const types = names.flatMap((name) => typeByExtension[extname(name).toLowerCase()] ?? [])
  return types[0] ?? 'Unstructured'
}
