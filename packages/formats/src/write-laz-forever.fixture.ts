// A process that writes a LAZ file until it is killed: `node write-laz-forever.fixture.ts PATH`. Prints a dot for every
// batch that the writer has taken.
import { createLasWriter } from './las-writer.ts'
import { seededRandom } from './las.fixture.ts'
import { headerOf, randomCloud } from './random-cloud.fixture.ts'

const { records, ...cloud } = randomCloud(seededRandom(1), { pointFormat: 0, extra: 0, count: 60_000 })
const writer = await createLasWriter(process.argv[2]!, {
  like: headerOf(cloud),
  compressed: true,
  threads: 2,
})
for (;;) {
  await writer.append(records, cloud.count)
  process.stdout.write('.')
}
