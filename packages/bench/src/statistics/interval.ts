// Two bounds, between which a figure lies with the stated confidence.

export interface Interval {
  lower: number;
  upper: number;
}
