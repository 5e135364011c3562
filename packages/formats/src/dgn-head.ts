// What a design file begins with (Intergraph Standard File Formats). Where settings stand in the terminal control block is known from
// its appendix and from files of others.
import {
  type DesignPlace,
  displayHeadBytes,
  elementType,
  emptyElement,
  mostLevel,
  setPlace,
} from './dgn-elements.ts'
import { setDFloat, setLong } from './dgn-numbers.ts'

export type Vector3 = readonly [x: number, y: number, z: number]

/** Places are kept to a thousandth of the unit. */
export const unitsOfResolution = 1000

/** "Design File Header": settings, digitizer, level symbology; then the colours. */
export function* headElements(origin: Vector3, size: Vector3, unitName: string): Generator<DataView> {
  yield settings(origin, size, unitName)
  yield emptyElement(elementType.digitizer, 0, 48)
  const levels = emptyElement(elementType.levelSymbology, 0, displayHeadBytes + 2 * mostLevel)
  for (let level = 1; level <= mostLevel; level++) levels.setUint8(displayHeadBytes + 2 * level - 1, level)
  yield levels
  yield colours()
}

const settingsBytes = 1536
const viewBytes = 118

/** The terminal control block: units, the place of the design plane in the world, and views from above that show everything. */
function settings(origin: Vector3, size: Vector3, unitName: string): DataView {
  const view = emptyElement(elementType.header, 0, settingsBytes)
  // The level of this one element is 8, and its mark says that the file has three dimensions.
  view.setUint8(0, 0xc8)
  for (let i = 0; i < 8; i++) setView(view, 46 + viewBytes * i, size, i === 0)
  setLong(view, 1112, unitsOfResolution)
  setLong(view, 1116, 1)
  setLetters(view, 1120, unitName)
  setLetters(view, 1122, 'th')
  const threeDimensions = 0x40
  view.setUint8(1214, threeDimensions)
  // Where the origin of the world is in the design plane, from its middle.
  for (const [axis, value] of origin.entries()) setDFloat(view, 1240 + 8 * axis, -value * unitsOfResolution)
  return view
}

/** "Named view element": flags, levels that are shown, the corner, the extent, how it is turned. */
function setView(view: DataView, at: number, size: Vector3, isOn: boolean): void {
  const on = 0x80
  view.setUint16(at, isOn ? on : 0, true)
  for (let word = 0; word < 4; word++) view.setUint16(at + 2 + 2 * word, 0xffff, true)
  const extent = size.map((length) => Math.max(1, Math.ceil(length)) * unitsOfResolution)
  setPlace(view, at + 10, extent.map((length) => -Math.ceil(length / 2)) as unknown as DesignPlace)
  setPlace(view, at + 22, extent as unknown as DesignPlace)
  for (const diagonal of [0, 4, 8]) setDFloat(view, at + 34 + 8 * diagonal, 1)
  setDFloat(view, at + 106, 1)
}

function setLetters(view: DataView, at: number, letters: string): void {
  for (const i of [0, 1]) view.setUint8(at + i, letters.charCodeAt(i) || 0x20)
}

/** "Color table element": levels next to each other differ; the background is black and its opposite, 0, white. */
function colours(): DataView {
  const view = emptyElement(elementType.groupData, 1, displayHeadBytes + 2 + 3 * 256)
  for (let color = 0; color <= 254; color++)
    for (const [channel, value] of colourOf(color).entries())
      view.setUint8(displayHeadBytes + 2 + 3 * (color + 1) + channel, value)
  return view
}

/** Hues a golden angle apart, light enough for a dark ground. */
function colourOf(color: number): number[] {
  if (color === 0) return [255, 255, 255]
  const hue = (color * 137.508) % 360
  return [0, 8, 4].map((offset) => {
    const k = (offset + hue / 30) % 12
    return Math.round(255 * (0.6 - 0.36 * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  })
}
