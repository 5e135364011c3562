// What a run is that the percentage is judged on, and the surveys that several of them are made of.
import { join } from 'node:path'

export interface Fixture {
  /** What it is for, in the words of the report. */
  about: string
  /** Default: changeDetection. */
  type?: 'changeDetection' | 'extractGround' | 'segmentation3D'
  /** That the folder of the survey is given as; default: the clouds that the type asks for. */
  input?: 'segmentation3D'
  /** Name of a built-in one, or a model of point clouds. */
  detector?: string | { manifest: object; model: Uint8Array }
  /** Threads of the job. */
  threads: number
  outputs: readonly string[]
  /** Makes the folders of both surveys below `folder`. */
  surveys(dataDir: string, folder: string): Promise<string[]>
}

export const ttp = (data: string) =>
  [15, 23].map((year) => [join(data, `pointcloud/epochs-real/TTP_${year}.laz`)])
export const tiles = (data: string) =>
  [1, 2].map((tile) => join(data, `pointcloud/perf/autzen-tile${tile}-ft.laz`))
