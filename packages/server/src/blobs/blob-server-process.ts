/**
 * Serves blobs in a process of its own, for tests that kill it or measure its memory:
 * `node blob-server-process.ts <root> <container id>` prints one line with the signed URL of the container.
 */
import { startBlobServer } from './blob-server-fixture.ts'

const [, , root, containerId] = process.argv
if (root === undefined || containerId === undefined) throw new TypeError('expected a root and a container id')
const server = await startBlobServer({ root })
console.log(server.containerUrl(containerId))
