// Which files hold point clouds, by their names; what they are read by once they are open is for their first bytes to say.

export type PointCloudFormat = {
  /** What it is called in `convertToLas`. */
  readonly name: 'las' | 'laz' | 'ply' | 'obj' | 'xyz' | 'e57' | 'glb'
  /** In lower case, without the dot; the first is the usual one. */
  readonly extensions: readonly string[]
  /** The type of a reality data that is made of such files. */
  readonly realityDataType: string
}

/** LAS and LAZ are read as they are; the others are brought into a LAS file by `convertToLas`. */
export const pointCloudFormats: readonly PointCloudFormat[] = [
  { name: 'las', extensions: ['las'], realityDataType: 'LAS' },
  { name: 'laz', extensions: ['laz'], realityDataType: 'LAZ' },
  { name: 'ply', extensions: ['ply'], realityDataType: 'PLY' },
  { name: 'obj', extensions: ['obj'], realityDataType: 'OBJ' },
  { name: 'xyz', extensions: ['xyz', 'csv', 'txt', 'asc', 'pts'], realityDataType: 'XYZ' },
  { name: 'e57', extensions: ['e57'], realityDataType: 'E57' },
  { name: 'glb', extensions: ['glb'], realityDataType: 'GLB' },
]

/** The format that the end of a file's name stands for, upper or lower case; undefined for a name of another kind. */
export function formatOfName(name: string): PointCloudFormat | undefined {
  const extension = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase()
  if (extension === undefined) return undefined
  return pointCloudFormats.find(({ extensions }) => extensions.includes(extension))
}
