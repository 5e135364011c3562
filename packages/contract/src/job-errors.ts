// Why a job can fail, and what it can warn of: one table, read by the jobs, the engine, the API and the documents.

export interface JobMessageDeclaration {
  title: string
  /** `%1`, `%2`, ... stand for the entries of `params`. */
  message: string
  /** What each of the `params` is, in order. */
  params: readonly string[]
  /** What the user can do about it; on the wire the end of the message. */
  remedy: string
}

export const jobErrors = {
  InputData_Missing: {
    title: 'Input not found',
    message: 'The input %1 refers to %2, which does not exist or holds no such file.',
    params: ['input', 'file or reality data'],
    remedy: 'Upload the file, or correct the reference, and create the job again.',
  },
  InputData_NotAPointCloud: {
    title: 'Not a point cloud',
    message: 'The file %1 of input %2 is not a point cloud or mesh that can be read: %3',
    params: ['file', 'input', 'what was expected and what came'],
    remedy:
      'Give a file of a format that the input takes (docs/job-types.md), or a ContextScene that refers to some.',
  },
  InputData_Corrupt: {
    title: 'Damaged file',
    message: 'The file %1 of input %2 is damaged: %3',
    params: ['file', 'input', 'place, what was expected and what came'],
    remedy: 'Check the file with another program and upload it again.',
  },
  InputData_Changed: {
    title: 'File changed',
    message: 'The file %1 of input %2 was written to, or replaced, while the job read it.',
    params: ['file', 'input'],
    remedy: 'Create the job again when nobody writes to the file.',
  },
  InputData_Empty: {
    title: 'No points',
    message: 'The input %1 holds no points.',
    params: ['input'],
    remedy: 'Give a point cloud with at least one point.',
  },
  InputData_Invalid: {
    title: 'Input cannot be used',
    message: 'The input %1 cannot be used: %2',
    params: ['input or option', 'what was expected and what came'],
    remedy: 'Correct the input and create the job again.',
  },
  InputData_NoOverlap: {
    title: 'Surveys do not overlap',
    message: 'The two surveys have no area in common; they are %1 apart.',
    params: ['distance with its unit'],
    remedy: 'Check that both are of one place and in one coordinate reference system.',
  },
  Crs_Missing: {
    title: 'Coordinate reference system unknown',
    message: 'The output %1 needs a known coordinate reference system; %2 has none.',
    params: ['output', 'what has no CRS'],
    remedy:
      'Give files that carry their CRS, or a ContextScene that states it, or do not ask for this output.',
  },
  Crs_Differs: {
    title: 'Coordinate reference systems differ',
    message: 'The inputs are in different coordinate reference systems: %1 and %2.',
    params: ['one CRS', 'the other CRS'],
    remedy:
      'Transform one of the surveys, also between ETRS89 and WGS 84, which are up to a metre apart; where a header only names the wrong system, correct it. Then create the job again.',
  },
  Detector_Unsuitable: {
    title: 'Detector cannot be used',
    message: 'The input %1 names the detector %2, which this analysis cannot run; it runs %3.',
    params: ['input', 'detector', 'the detectors that can be named'],
    remedy: 'Name one of those, and create the job again.',
  },
  Detector_Failed: {
    title: 'Detector failed',
    message: 'The detector %1 could not be run: %2',
    params: ['detector', 'what was expected of its model and what came'],
    remedy: 'Correct the model or its manifest, upload it as a new version, and create the job again.',
  },
  OutOfMemory: {
    title: 'Out of memory',
    message: 'The analysis was ended for want of memory; it had reached %2 MB, and its limit is %1 MB.',
    params: ['limit in MB', 'reached, in MB'],
    remedy: 'Raise --memory-limit (or the memory of the machine, where that was less), or give fewer points.',
  },
  DiskFull: {
    title: 'Disk full',
    message: 'The disk was full while writing %1.',
    params: ['file or folder'],
    remedy: 'Free some space and create the job again.',
  },
  WorkerLost: {
    title: 'Worker lost',
    message: 'The process that computed this job was lost (%1), the last of %2 that were.',
    params: ['how it ended', 'how often'],
    remedy: 'See the log of the service for what ended it, then create the job again.',
  },
  Stalled: {
    title: 'Stalled',
    message: 'The analysis counted nothing for %1 minutes in step %2.',
    params: ['minutes', 'step'],
    remedy: 'Create the job again; raise --stall-minutes where the machine is that slow.',
  },
  TimedOut: {
    title: 'Time limit reached',
    message: 'The analysis ran longer than its limit of %1 minutes.',
    params: ['limit in minutes'],
    remedy: 'Raise --time-limit, or send a header alidade-time-limit with the job, or give fewer points.',
  },
  Internal: {
    title: 'Internal error',
    message: 'The analysis failed for a reason of our own. It is in the log under %1.',
    params: ['what to look for in the log'],
    remedy: 'Report it with the log lines of this job.',
  },
} as const satisfies Record<string, JobMessageDeclaration>
export type JobErrorCode = keyof typeof jobErrors

export const jobWarnings = {
  Crs_Missing: {
    title: 'Coordinate reference system unknown',
    message:
      'The input %1 carries no coordinate reference system; thresholds and volumes are in the unit of the file.',
    params: ['input'],
    remedy: 'Give files that carry their CRS, or a ContextScene that states it.',
  },
  Area_Unseen: {
    title: 'Seen in one survey only',
    message:
      '%1 groups of points lie where the other survey has no points; they are not reported as changes.',
    params: ['number of groups'],
    remedy: 'Compare surveys of the same area to judge them.',
  },
  Surveys_Shifted: {
    title: 'Surveys lie beside each other',
    message:
      'The later survey lies beside the earlier one as a whole, by %1 east, %2 north and %3 up (in %4, with 95 % bounds). What this explains is reported only where distance thresholds were given.',
    params: ['east', 'north', 'up', 'unit'],
    remedy: 'Register the surveys to each other and compare them again.',
  },
  Surveys_Registered: {
    title: 'Surveys registered',
    message:
      'The later survey was registered to the earlier one: moved by %1 east, %2 north and %3 up (in %4) at %5, and turned about the axes east, north and up by %6 degrees, with 95 % bounds. %7 of the surfaces took part; they lie %8 apart in the median. Results are in the place of the earlier survey.',
    params: ['east', 'north', 'up', 'unit', 'place', 'angles', 'share', 'distance of surfaces, and before'],
    remedy: 'Check that the bounds are close enough for what is to be seen.',
  },
  Registration_Refused: {
    title: 'Surveys not registered',
    message: 'The surveys were not registered: %1. Results are of the surveys as they came.',
    params: ['why'],
    remedy: 'Register them by targets or control points, or do not ask for it.',
  },
  Registration_Unneeded: {
    title: 'Nothing to register',
    message:
      'The surveys lie upon each other as far as can be told from what has not changed, to %1 east, %2 north and %3 up (in %4, 95 % bounds); nothing was moved.',
    params: ['east', 'north', 'up', 'unit'],
    remedy: 'Nothing needs to be done.',
  },
  Unit_Assumed: {
    title: 'Unit of lengths unknown',
    message:
      'The input %1 carries no coordinate reference system; its lengths are taken for metres, and results carry none either.',
    params: ['input'],
    remedy: 'Give files that carry their CRS, or a ContextScene that states it.',
  },
  Heights_Unchanged: {
    title: 'Heights as in the input',
    message: 'The heights of exports are those of the input %1 as they are: %2.',
    params: ['input', 'what they are, and what the system of the exports would have'],
    remedy: 'Transform the heights with a program that has the grids for it.',
  },
  Crs_Approximate: {
    title: 'Position in WGS 84 is approximate',
    message: 'Coordinate reference system of %1: %2',
    params: ['input', 'why, and by how much'],
    remedy:
      'Where that matters, take results in the system of the input, or transform with a program that has the grid.',
  },
  Crs_Contradicted: {
    title: 'Scene and file state different systems',
    message:
      'The scene states %1 for the file %2 of input %3, the file itself %4; what the file states counts.',
    params: ['CRS of the scene', 'file', 'input', 'CRS of the file'],
    remedy: 'Correct whichever is wrong, and create the job again if it is the file.',
  },
  Points_Apart: {
    title: 'Points far off the site',
    message:
      'Of the points of the input %1, %2 lie more than a kilometre off all others, outside of %3; no ground was sought there.',
    params: ['input', 'how many', 'bounds of all others in plan'],
    remedy: 'Nothing needs to be done if they are errors; else give what is there as a cloud of its own.',
  },
  Bounds_Exceeded: {
    title: 'Points outside of the stated bounds',
    message:
      'The points of the input %1 fill %2 in plan, where its headers state the bounds %3; all of them were looked at.',
    params: ['input', 'bounds of its points', 'bounds that headers state'],
    remedy:
      'Write the file anew with its true bounds where other programs have to read it: they may leave such points out.',
  },
  Points_Uncounted: {
    title: 'More points than counted',
    message:
      'The header of the file %1 of input %2 counts %3 points; behind them is room for %4 more, which are not read.',
    params: ['file', 'input', 'points counted', 'points that there is room for'],
    remedy:
      'Check whether the file was written to its end; programs that repair headers count the points anew.',
  },
  Format_Converted: {
    title: 'Format converted',
    message: 'The file %1 of input %2 was brought into LAS: %3.',
    params: ['file', 'input', 'what is different now'],
    remedy: 'Give LAS or LAZ where that matters.',
  },
  Waveforms_Missing: {
    title: 'Waveforms not found',
    message:
      'The points of %1 of input %2 refer to waveforms in the file %3 beside it, which is not there; nor is it beside the results, whose points refer to it too.',
    params: ['file', 'input', 'file of waveforms'],
    remedy: 'Put it beside them, under the name of the result that ends in .wdp, or give it with the input.',
  },
  Colour_Missing: {
    title: 'No colours to compare',
    message: 'The input %1 has no colours; thresholds of colour have no effect.',
    params: ['input'],
    remedy: 'Give surveys whose points have red, green and blue, or leave the thresholds out.',
  },
  Classes_Unused: {
    title: 'No classes of this kind',
    message: 'The result %1 is empty: no points of the input %2 have a class that it is made of.',
    params: ['output', 'input'],
    remedy: 'Say in the labels which classes feed objects, lines and polygons, or give another cloud.',
  },
  Option_Ignored: {
    title: 'Option without effect',
    message: 'The option %1 has no effect on this job.',
    params: ['option'],
    remedy: 'Leave it out, or see docs/job-types.md for what it applies to.',
  },
} as const satisfies Record<string, JobMessageDeclaration>
export type JobWarningCode = keyof typeof jobWarnings

/** One entry of `executionInformation.errors` or `.warnings`. */
export interface JobMessage {
  code: string
  title: string
  message: string
  params: string[]
}

export function jobErrorMessage(code: JobErrorCode, ...params: string[]): JobMessage {
  return fill(code, jobErrors[code], params)
}

export function jobWarningMessage(code: JobWarningCode, ...params: string[]): JobMessage {
  return fill(code, jobWarnings[code], params)
}

function fill(code: string, { title, message, remedy }: JobMessageDeclaration, params: string[]): JobMessage {
  const filled = message.replace(/%(\d)/g, (whole, digit: string) => params[Number(digit) - 1] ?? whole)
  return { code, title, message: `${filled} ${remedy}`, params }
}
