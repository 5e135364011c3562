/**
 * What the parameters and results of `m3c2Distances` are called elsewhere. CloudCompare asks for scales, which are
 * diameters: twice our radii.
 */
export const m3c2Names: Readonly<
  Record<string, Readonly<Record<'py4dgeo' | 'CloudCompare' | 'PDAL', string>>>
> = {
  normalRadius: { py4dgeo: 'normal_radii', CloudCompare: 'NormalScale / 2', PDAL: 'normal_radius' },
  projectionRadius: { py4dgeo: 'cyl_radius', CloudCompare: 'SearchScale / 2', PDAL: 'cyl_radius' },
  halfLength: { py4dgeo: 'max_distance', CloudCompare: 'SearchDepth', PDAL: 'cyl_halflen' },
  registrationError: { py4dgeo: 'registration_error', CloudCompare: 'RegistrationError', PDAL: 'reg_error' },
  'core points': { py4dgeo: 'corepoints', CloudCompare: 'core points', PDAL: 'first input' },
  'normals with z up': {
    py4dgeo: 'orientation_vector',
    CloudCompare: 'NormalPreferedOri 4',
    PDAL: 'orientation up',
  },
  distance: { py4dgeo: 'distances', CloudCompare: 'M3C2 distance', PDAL: 'm3c2_distance' },
  detection: { py4dgeo: 'lodetection', CloudCompare: 'distance uncertainty', PDAL: 'm3c2_uncertainty' },
  'countA, countB': {
    ...{ py4dgeo: 'num_samples1, 2', CloudCompare: 'Npoints_cloud1, 2' },
    PDAL: 'm3c2_count1, 2',
  },
  'spreadA, spreadB': {
    ...{ py4dgeo: 'spread1, 2', CloudCompare: 'STD_cloud1, 2' },
    PDAL: 'm3c2_std_dev1, 2',
  },
}
