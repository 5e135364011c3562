import { readFile } from 'node:fs/promises'
import { declaredJobTypes, type InputDeclaration, type OutputDeclaration } from '@alidade/contract'
import * as sdk from '@itwin/reality-capture'
import { describe, expect, test } from 'vitest'
import { jobTypesPage, jobTypesPagePath, readmePath, withSupportTable } from './job-types-page.ts'

test('the committed page and the table of the README are what the declarations say', async () => {
  const advice = 'run `npm run job-types` after a change'
  expect(await readFile(jobTypesPagePath, 'utf8'), advice).toBe(jobTypesPage())
  const readme = await readFile(readmePath, 'utf8')
  expect(readme, advice).toBe(withSupportTable(readme))
})

test('the page names every type, input, output and option of both versions', () => {
  const page = jobTypesPage()
  for (const { v1, v2, inputs, outputs, options } of declaredJobTypes) {
    const entries = [inputs, outputs, options].flatMap((one) =>
      Object.values<{ v1?: string; v2?: string }>(one),
    )
    for (const name of [v1, v2, ...entries.flatMap((one) => [one.v1, one.v2])])
      if (name !== undefined) expect(page).toContain(`\`${name}\``)
  }
})

test('the page says which input makes up for another by its name in the API', () => {
  expect(jobTypesPage()).toMatch(/`pointClouds1` .* unless `meshes1` /)
  expect(jobTypesPage()).not.toContain('meshesA')
})

describe.each(declaredJobTypes)(
  'the declaration of $name',
  ({ name, inputs, outputs, options, ...names }) => {
    test('has no name twice in a version, and everything has a name in one or is a header', () => {
      expect(names.v1 ?? names.v2).toBeDefined()
      for (const entries of [inputs, outputs, options] as Record<string, { v1?: string; v2?: string }>[]) {
        for (const version of ['v1', 'v2'] as const) {
          const given = Object.values(entries).flatMap((one) => one[version]?.toLowerCase() ?? [])
          expect(new Set(given).size).toBe(given.length)
        }
        for (const [internal, one] of Object.entries(entries))
          expect(one.v1 ?? one.v2 ?? ('header' in one && one.header), internal).toBeTruthy()
      }
    })

    test('refers to inputs and outputs that there are', () => {
      for (const { required } of Object.values<InputDeclaration>(inputs))
        if (typeof required === 'object')
          for (const other of required.unless) expect(inputs).toHaveProperty(other)
      for (const { requires } of Object.values<OutputDeclaration>(outputs))
        if (requires !== undefined) expect(outputs).toHaveProperty(requires)
    })
  },
)

const lowerCased = (names: string[]) => names.map((name) => name.toLowerCase()).sort()

/** The published package keeps its specifications by these names. */
const published: Record<string, string> = {
  ...{ objects2D: 'Objects2D', segmentation2D: 'Segmentation2D', segmentation3D: 'Segmentation3D' },
  ...{ segmentationOrthophoto: 'SegmentationOrthophoto', changeDetection: 'ChangeDetection' },
  ...{ evalO2D: 'EvalO2D', evalO3D: 'EvalO3D', evalS2D: 'EvalS2D', evalSOrtho: 'EvalSOrtho' },
  trainingS3D: 'TrainingS3D',
}

describe.each(declaredJobTypes.filter(({ name }) => name in published))(
  'beside the published package for v2, $name',
  ({ name, v2, inputs, outputs, options }) => {
    // biome-ignore lint/suspicious/noExplicitAny: schemas are looked up by name and asked for what they hold
    const schemaOf = (part: string) => (sdk as any)[`${published[name]}${part}Schema`]?.shape ?? {}
    const namesOf = (entries: Record<string, { v2?: string }>) =>
      Object.values(entries).flatMap((one) => one.v2 ?? [])
    /** Of earlier releases of v2; jobs of v1 are shown with them. */
    const earlier =
      name === 'changeDetection' ? ['objects3D', 'locations3DAsGeoJSON', 'locations3DAsSHP', 'outputCrs'] : []

    test('has its name, its inputs, its outputs and its options, all of them and no others', () => {
      expect(Object.values<string>(sdk.JobType)).toContain(v2)
      for (const [part, entries] of Object.entries({ Inputs: inputs, Outputs: outputs, Options: options })) {
        const declared = namesOf(entries).filter((one) => !earlier.includes(one))
        // The package itself spells one of its outputs in two ways.
        expect(lowerCased(declared), part).toEqual(lowerCased(Object.keys(schemaOf(part))))
      }
    })

    test('requires the same inputs, or one in place of another', () => {
      const shape = schemaOf('Inputs')
      for (const { v2: input, required } of Object.values<InputDeclaration>(inputs)) {
        if (input === undefined) continue
        const optional = shape[input].isOptional()
        // `unless` is what the package leaves to its documents.
        expect(optional === false || required !== true, input).toBe(true)
        expect(optional || required !== false, input).toBe(true)
      }
    })
  },
)
