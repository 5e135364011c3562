// Where the real test data lie, and whether they are there. Tests that need them are skipped without them.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../../')
const folder = resolve(root, process.env.ALIDADE_TEST_DATA ?? '../shared/data')

export const withoutRealData = !existsSync(folder)
/** Put into the names of tests that need the data, so that a skipped one says why. */
export const realDataNote = withoutRealData ? ' [skipped: no data at ALIDADE_TEST_DATA]' : ''

export function pointCloudFile(name: string): string {
  return join(folder, 'pointcloud', name)
}

export function imageryFile(name: string): string {
  return join(folder, 'imagery', name)
}
