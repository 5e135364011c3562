/** How well classes agree with a reference, as the ISPRS test tells it. Shares of 1. */
import { groundClass } from '@alidade/analysis'

export type GroundScore = {
  /** Of the ground of the reference, what was not found. */
  readonly typeOne: number
  /** Of the rest, what was taken for ground. */
  readonly typeTwo: number
  readonly total: number
  /** Cohen (1960): agreement beyond that of chance. */
  readonly kappa: number
}

export function scoreGround(isGround: Uint8Array, classes: Uint8Array): GroundScore {
  let [both, lost, taken, neither] = [0, 0, 0, 0]
  for (let i = 0; i < isGround.length; i++) {
    const found = classes[i] === groundClass
    if (isGround[i] === 1) found ? both++ : lost++
    else found ? taken++ : neither++
  }
  const n = isGround.length
  const observed = (both + neither) / n
  const byChance = ((both + lost) * (both + taken) + (taken + neither) * (lost + neither)) / (n * n)
  return {
    typeOne: lost / (both + lost),
    typeTwo: taken / (taken + neither),
    total: (lost + taken) / n,
    kappa: (observed - byChance) / (1 - byChance),
  }
}

export function meanScore(scores: readonly GroundScore[]): GroundScore {
  const mean = (of: (score: GroundScore) => number) =>
    scores.reduce((sum, s) => sum + of(s), 0) / scores.length
  return {
    typeOne: mean((s) => s.typeOne),
    typeTwo: mean((s) => s.typeTwo),
    total: mean((s) => s.total),
    kappa: mean((s) => s.kappa),
  }
}
