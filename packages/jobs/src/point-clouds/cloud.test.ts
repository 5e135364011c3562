import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCloud } from './cloud.ts'
import { inputFiles, temporaryFolder } from '../run-job.fixture.ts'

const never = new AbortController().signal

test('a file that went between submission and the run is missing', async () => {
  const path = join(await temporaryFolder(), 'march.las')
  await writeFile(path, 'LASF')
  const files = await inputFiles(path)
  await rm(path)
  await expect(openCloud('pointClouds2', files, never)).rejects.toMatchObject({
    jobMessage: { code: 'InputData_Missing', params: ['pointClouds2', 'march.las'] },
  })
})

test('an input without files is missing, under the name it was given', async () => {
  await expect(openCloud('pointClouds1', [], never)).rejects.toMatchObject({
    jobMessage: { code: 'InputData_Missing', params: ['pointClouds1', 'any LAS or LAZ file'] },
  })
})
