// GeoTIFF keys as a LAS file holds them, laid out by hand.

type Key = [key: number, value: number | string] | [key: number, double: number, kind: 'double']

/** Directory, doubles and text as GeoTIFF lays them out. */
export function encodeGeoKeys(...keys: Key[]) {
  const doubles: number[] = []
  let ascii = ''
  const directory = [1, 1, 0, keys.length]
  for (const [key, value, kind] of keys) {
    if (typeof value === 'string') {
      directory.push(key, 34737, value.length + 1, ascii.length)
      ascii += `${value}|`
    } else if (kind === 'double') {
      directory.push(key, 34736, 1, doubles.length)
      doubles.push(value)
    } else directory.push(key, 0, 1, value)
  }
  return {
    directory: new Uint8Array(new Uint16Array(directory).buffer),
    doubles: new Uint8Array(new Float64Array(doubles).buffer),
    ascii: new Uint8Array(Buffer.from(ascii)),
  }
}

/** A projection told by its parameters: EPSG:2992, in feet. */
export function oregonKeys() {
  return encodeGeoKeys(
    [1024, 1],
    [2048, 4152],
    [3072, 32767],
    [3073, 'Oregon Lambert'],
    [3075, 8],
    [3076, 9002],
    [3078, 43, 'double'],
    [3079, 45.5, 'double'],
    [3084, -120.5, 'double'],
    [3085, 41.75, 'double'],
    [3086, 1312335.958, 'double'],
    [3087, 0, 'double'],
    [4096, 5703],
    [4099, 9003],
  )
}
