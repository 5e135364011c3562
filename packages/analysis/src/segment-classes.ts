/** Codes of the classes that the segmentation gives (ASPRS, LAS 1.4 R15, table 17). */
export const segmentClass = {
  rest: 1,
  ground: 2,
  mediumVegetation: 4,
  highVegetation: 5,
  building: 6,
  wire: 14,
  /** Towers of transmission lines, and masts and poles of every kind: there is no other code, and none of its own fits formats 0 to 5. */
  pole: 15,
} as const
