// A raster of the site of a cloud, which points outside of it do not touch.
import type { GroundRaster, PointArrays } from '@alidade/analysis'
import { Coordinates } from './read-clouds.ts'
import type { PlanBounds } from './site-blocks.ts'

export class SiteRaster {
  readonly raster: GroundRaster
  readonly hasGrown = false
  readonly #site: PlanBounds
  readonly #columns = new Coordinates()

  constructor(raster: GroundRaster, site: PlanBounds) {
    this.raster = raster
    this.#site = site
  }

  add({ x, y, z }: PointArrays, count: number): void {
    const { min, max } = this.#site
    const inside = this.#columns.for(count)
    let kept = 0
    for (let i = 0; i < count; i++) {
      if (!(x[i]! >= min[0] && x[i]! <= max[0] && y[i]! >= min[1] && y[i]! <= max[1])) continue
      inside.x[kept] = x[i]!
      inside.y[kept] = y[i]!
      inside.z[kept++] = z[i]!
    }
    this.raster.add(inside.x, inside.y, inside.z, kept)
  }

  finish(): void {}
}
