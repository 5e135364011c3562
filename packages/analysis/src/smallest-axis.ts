/** The direction in which a cloud extends least, from its covariance. */

/**
 * Writes the unit eigenvector of the smallest eigenvalue of the symmetric matrix (xx, xy, xz, yy, yz, zz) to `axis`, with
 * z not negative, and after it the middle eigenvalue. Eigenvalues by Smith (1961, "Eigenvalues of a symmetric 3 x 3
 * matrix"), the vector as the longest cross product of two rows that it is orthogonal to.
 */
export function smallestAxis(
  xx: number,
  xy: number,
  xz: number,
  yy: number,
  yz: number,
  zz: number,
  axis: Float64Array,
): void {
  const mean = (xx + yy + zz) / 3
  const [dx, dy, dz] = [xx - mean, yy - mean, zz - mean]
  const spread = Math.sqrt((dx * dx + dy * dy + dz * dz + 2 * (xy * xy + xz * xz + yz * yz)) / 6)
  if (!(spread > 0)) {
    // A ball: every direction is as good.
    setAxis(axis, 0, 0, 1, mean)
    return
  }
  const determinant = dx * (dy * dz - yz * yz) - xy * (xy * dz - yz * xz) + xz * (xy * yz - dy * xz)
  const cosine = Math.min(1, Math.max(-1, determinant / (2 * spread ** 3)))
  const angle = Math.acos(cosine) / 3
  const smallest = mean + 2 * spread * Math.cos(angle + (2 * Math.PI) / 3)
  const middle = 3 * mean - smallest - (mean + 2 * spread * Math.cos(angle))
  const [a, b, c] = [xx - smallest, yy - smallest, zz - smallest]
  // Cross products of the rows (a, xy, xz), (xy, b, yz) and (xz, yz, c).
  let [x, y, z] = [xy * yz - xz * b, xz * xy - a * yz, a * b - xy * xy]
  let longest = x * x + y * y + z * z
  for (let k = 0; k < 2; k++) {
    const u = k === 0 ? xy * c - xz * yz : b * c - yz * yz
    const v = k === 0 ? xz * xz - a * c : yz * xz - xy * c
    const w = k === 0 ? a * yz - xy * xz : xy * yz - b * xz
    const length = u * u + v * v + w * w
    if (length > longest) {
      longest = length
      x = u
      y = v
      z = w
    }
  }
  if (!(longest > 0)) {
    // Points on a line: any direction across it.
    const across = Math.abs(xx) + Math.abs(yy) > 0 && zz < xx + yy ? 1 : 0
    setAxis(axis, 1 - across, 0, across, Math.max(0, middle))
    return
  }
  const scale = (z < 0 ? -1 : 1) / Math.sqrt(longest)
  setAxis(axis, x * scale, y * scale, z * scale, Math.max(0, middle))
}

function setAxis(axis: Float64Array, x: number, y: number, z: number, middle: number): void {
  axis[0] = x
  axis[1] = y
  axis[2] = z
  axis[3] = middle
}
