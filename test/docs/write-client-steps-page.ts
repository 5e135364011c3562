// `npm run clients:steps`: runs the tests of published clients and writes docs/client-steps.md from what came of them.
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { startVitest, type TestCase } from 'vitest/node'
import { clientOfFile, clientStepsPage, clientStepsPagePath, type Step } from './client-steps-page.ts'

const vitest = await startVitest('test', [], { project: ['published clients'], watch: false })
const modules = vitest.state.getTestModules()
await vitest.close()

const steps = modules.flatMap((module): Step[] => {
  const file = basename(module.moduleId)
  if (!(file in clientOfFile)) throw new TypeError(`${file} is of no client in client-steps-page.ts`)
  return [...module.children.allTests()].map((test) => ({
    ...{ file, titles: titlesOf(test), passed: test.result().state === 'passed' },
  }))
})
await writeFile(clientStepsPagePath, clientStepsPage(steps, `Node ${process.versions.node}`))
console.log(`wrote docs/client-steps.md: ${steps.length} steps`)

function titlesOf(test: TestCase): string[] {
  const titles = [test.name]
  for (let { parent } = test; parent.type === 'suite'; parent = parent.parent) titles.unshift(parent.name)
  return titles
}
