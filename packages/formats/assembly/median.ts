// A running median, as LASzip predicts coordinate differences with.

/** Five recent values in order; a new one pushes out the largest and the smallest by turns. */
export class RunningMedian {
  private a: i32 = 0
  private b: i32 = 0
  median: i32 = 0
  private d: i32 = 0
  private e: i32 = 0
  private dropLargest: bool = true

  add(value: i32): void {
    if (this.dropLargest) this.addToSmaller(value)
    else this.addToLarger(value)
  }

  private addToSmaller(value: i32): void {
    if (value < this.median) {
      this.e = this.d
      this.d = this.median
      if (value < this.a) {
        this.median = this.b
        this.b = this.a
        this.a = value
      } else if (value < this.b) {
        this.median = this.b
        this.b = value
      } else this.median = value
      return
    }
    if (value < this.d) {
      this.e = this.d
      this.d = value
    } else this.e = value
    this.dropLargest = false
  }

  private addToLarger(value: i32): void {
    if (this.median < value) {
      this.a = this.b
      this.b = this.median
      if (this.e < value) {
        this.median = this.d
        this.d = this.e
        this.e = value
      } else if (this.d < value) {
        this.median = this.d
        this.d = value
      } else this.median = value
      return
    }
    if (this.b < value) {
      this.a = this.b
      this.b = value
    } else this.a = value
    this.dropLargest = true
  }
}

export function runningMedians(count: i32): StaticArray<RunningMedian> {
  const medians = new StaticArray<RunningMedian>(count)
  for (let i = 0; i < count; i++) medians[i] = new RunningMedian()
  return medians
}
