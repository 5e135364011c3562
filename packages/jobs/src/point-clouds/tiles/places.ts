// Some of many points or cells, by their places. Loops: what arrays offer for it takes ten times as long.

type Numbers = Uint32Array | Int32Array | Float32Array | Float64Array

export function placesWhere(count: number, isWanted: (place: number) => boolean): Uint32Array {
  const places = new Uint32Array(count)
  let found = 0
  for (let place = 0; place < count; place++) if (isWanted(place)) places[found++] = place
  return places.slice(0, found)
}

/** `width` values for each place. */
export function valuesAt<Values extends Numbers>(values: Values, places: Uint32Array, width = 1): Values {
  const Kind = values.constructor as new (length: number) => Values
  const found = new Kind(width * places.length)
  for (let i = 0; i < places.length; i++) {
    const at = width * places[i]!
    for (let k = 0; k < width; k++) found[width * i + k] = values[at + k]!
  }
  return found
}

/** All of them, one after the other. */
export function joined<Values extends Numbers>(parts: readonly Values[], empty: Values): Values {
  const Kind = empty.constructor as new (length: number) => Values
  const all = new Kind(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
