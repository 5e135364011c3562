// Where a survey has looked. What one survey has beyond the edge of the other is unseen rather than changed; a hole in
// the midst of it is where something stood or stands.
import type { PointArrays } from '@alidade/analysis'

export interface SurveyedArea {
  /**
   * Share of the given points of another cloud that lie beyond the edge of this one in plan: in cells that hold none
   * of its points and are not enclosed by such that do, or beside one of these. 0 for an empty list.
   */
  shareBeyond(points: PointArrays, indices: Uint32Array): number
}

/**
 * Marks the cells that hold points, in one pass. `cellSize` of some four point spacings: a cell within a survey is then
 * hardly ever empty (e^-16 for points scattered at random).
 */
export function surveyedArea({ x, y }: PointArrays, cellSize: number): SurveyedArea {
  const occupied = new Set<number>()
  const column = (value: number) => Math.floor(value / cellSize)
  let last = Number.NaN
  for (let i = 0; i < x.length; i++) {
    const key = cellKey(column(x[i]!), column(y[i]!))
    if (key !== last) occupied.add(key) // neighbours in a file mostly share a cell
    last = key
  }
  return {
    shareBeyond: (points, indices) => {
      if (indices.length === 0) return 0
      const window = windowAround(points, indices, column)
      const beyond = floodFromBorder(window, occupied)
      let count = 0
      for (const index of indices) {
        if (isBeside(window, beyond, column(points.x[index]!), column(points.y[index]!))) count++
      }
      return count / indices.length
    },
  }
}

/** Cells of both axes as one number: exact while both stay within 2^26 of zero, and only a set of cells beyond that. */
function cellKey(i: number, j: number): number {
  return i * 2 ** 27 + j
}

interface Window {
  left: number
  bottom: number
  width: number
  height: number
}

/** The cells of the points and a margin, in which whatever surrounds them shows. */
function windowAround(points: PointArrays, indices: Uint32Array, column: (value: number) => number): Window {
  const margin = 3
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const index of indices) {
    const [i, j] = [column(points.x[index]!), column(points.y[index]!)]
    left = Math.min(left, i)
    right = Math.max(right, i)
    bottom = Math.min(bottom, j)
    top = Math.max(top, j)
  }
  return {
    left: left - margin,
    bottom: bottom - margin,
    width: right - left + 1 + 2 * margin,
    height: top - bottom + 1 + 2 * margin,
  }
}

/** 1 for every empty cell that empty cells connect with the border of the window, by their sides. */
function floodFromBorder({ left, bottom, width, height }: Window, occupied: Set<number>): Uint8Array {
  const beyond = new Uint8Array(width * height)
  const open: number[] = []
  const visit = (i: number, j: number) => {
    if (i < 0 || j < 0 || i >= width || j >= height) return
    const cell = j * width + i
    if (beyond[cell] === 1 || occupied.has(cellKey(left + i, bottom + j))) return
    beyond[cell] = 1
    open.push(cell)
  }
  for (let i = 0; i < width; i++) {
    visit(i, 0)
    visit(i, height - 1)
  }
  for (let j = 0; j < height; j++) {
    visit(0, j)
    visit(width - 1, j)
  }
  for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
    const [i, j] = [cell % width, Math.floor(cell / width)]
    visit(i - 1, j)
    visit(i + 1, j)
    visit(i, j - 1)
    visit(i, j + 1)
  }
  return beyond
}

/** The edge of a survey runs through cells: what lies in such a cell, or next to it, is beyond the edge as well. */
function isBeside({ left, bottom, width }: Window, beyond: Uint8Array, i: number, j: number): boolean {
  for (let dj = -1; dj <= 1; dj++) {
    for (let di = -1; di <= 1; di++) {
      if (beyond[(j + dj - bottom) * width + (i + di - left)] === 1) return true
    }
  }
  return false
}
