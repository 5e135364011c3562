// A running median as LASzip predicts coordinate differences with.

/** Five recent values in order; a new one pushes out the largest and the smallest by turns. */
export class RunningMedian {
  private a = 0
  private b = 0
  median = 0
  private d = 0
  private e = 0
  private dropLargest = true

  add(value: number): void {
    if (this.dropLargest) {
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
      } else {
        if (value < this.d) {
          this.e = this.d
          this.d = value
        } else this.e = value
        this.dropLargest = false
      }
    } else if (this.median < value) {
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
    } else {
      if (this.b < value) {
        this.a = this.b
        this.b = value
      } else this.a = value
      this.dropLargest = true
    }
  }
}
