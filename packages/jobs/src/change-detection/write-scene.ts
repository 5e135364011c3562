// objects3D: one oriented box for each change, as a ContextScene 6.0.
import { writeFile } from 'node:fs/promises'
import { type SceneObject3D, writeContextScene } from '@alidade/formats'
import type { OutputFolder } from '../job-type.ts'
import { changeGuid, confidenceOf, type FoundChanges, labels, sceneSystems } from './found-change.ts'

export async function writeScene(output: OutputFolder, found: FoundChanges): Promise<void> {
  const systems = sceneSystems(found)
  const objects = found.changes.map((change): [string, SceneObject3D] => {
    const { center, size, rotation: r } = change.box
    const [[xmin, xmax], [ymin, ymax], [zmin, zmax]] = ([0, 1, 2] as const).map((axis) => [
      center[axis] - size[axis] / 2,
      center[axis] + size[axis] / 2,
    ]) as [[number, number], [number, number], [number, number]]
    return [
      changeGuid(change),
      {
        LabelInfo: { LabelId: labels[change.kind], Confidence: confidenceOf(change, found) },
        RotatedBox3D: {
          Box3D: { xmin, ymin, zmin, xmax, ymax, zmax },
          Rotation: {
            M_00: r[0],
            M_01: r[1],
            M_02: r[2],
            M_10: r[3],
            M_11: r[4],
            M_12: r[5],
            M_20: r[6],
            M_21: r[7],
            M_22: r[8],
          },
        },
      },
    ]
  })
  const scene = writeContextScene({
    ...systems.collection,
    Annotations: {
      Labels: new Map(Object.entries(labels).map(([name, id]) => [String(id), { Name: name }])),
      Objects3D: { ...systems.srs, Objects: new Map(objects) },
    },
  })
  await writeFile(output.path('ContextScene.json'), scene)
}
