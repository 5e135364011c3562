#!/usr/bin/env node
// Plain JavaScript that any Node can start: `npx alidade` may run on the system's Node, which can be older than
// the one this project needs (type stripping without a flag came with 22.18). It then hands over to the project's
// own Node (the `node` package), or says which Node is needed.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const newEnough = major > 22 || (major === 22 && minor >= 18)

if (newEnough) {
  const { keepCompiled } = await import('./keep-compiled.js')
  keepCompiled()
  const { main } = await import('../src/cli/main.ts')
  process.exitCode = await main(process.argv.slice(2))
} else {
  const node = projectNode()
  if (node === undefined) {
    console.error(`alidade needs Node 22.18 or newer; this is Node ${process.versions.node}.`)
    process.exitCode = 2
  } else {
    const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
      stdio: 'inherit',
    })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? 128 + (signal === 'SIGINT' ? 2 : 15)
    })
  }
}

/** Path of the Node binary that the `node` package of this installation carries, if there is one. */
function projectNode() {
  try {
    return createRequire(import.meta.url).resolve('node/bin/node')
  } catch {
    return undefined
  }
}
