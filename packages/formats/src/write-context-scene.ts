// Writes ContextScene JSON, always as version 6.0, the one the current clients write and read.
import type { ContextScene } from './context-scene.ts'

/** A scene to write; everything but the maps you fill may be left out. */
export type ContextSceneToWrite = Partial<Omit<ContextScene, 'Annotations' | 'version'>> & {
  readonly Annotations?: Partial<NonNullable<ContextScene['Annotations']>>
}

/** JSON text of the scene, indented by two spaces. Sections kept in `other` are written as they came. */
export function writeContextScene(scene: ContextSceneToWrite): string {
  const { SpatialReferenceSystems, PointCloudCollection, Annotations, References } = scene
  const members: [string, unknown][] = [['version', '6.0']]
  if (SpatialReferenceSystems) members.push(['SpatialReferenceSystems', fromMap(SpatialReferenceSystems)])
  if (PointCloudCollection) {
    const { SRSId, PointClouds } = PointCloudCollection
    members.push([
      'PointCloudCollection',
      { ...(SRSId !== undefined && { SRSId }), PointClouds: fromMap(PointClouds) },
    ])
  }
  for (const entry of scene.other ?? []) members.push(entry)
  if (Annotations) members.push(['Annotations', annotationMembers(Annotations)])
  if (References) members.push(['References', fromMap(References)])
  return JSON.stringify(fromMap(new Map(members)), undefined, 2)
}

function annotationMembers({
  Labels,
  Objects3D,
  other,
}: NonNullable<ContextSceneToWrite['Annotations']>): object {
  const members = new Map<string, unknown>()
  if (Labels) members.set('Labels', fromMap(Labels))
  if (Objects3D) {
    const { SRSId, Objects } = Objects3D
    members.set('Objects3D', { ...(SRSId !== undefined && { SRSId }), Objects: fromMap(Objects) })
  }
  for (const [key, value] of other ?? []) members.set(key, value)
  return fromMap(members)
}

/** `Object.fromEntries` defines own keys, so that `__proto__` is one like any other. */
function fromMap(map: ReadonlyMap<string, unknown>): object {
  return Object.fromEntries(map)
}
