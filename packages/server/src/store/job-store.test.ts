import { describeJobStore } from './job-store-behaviour.ts'
import { openEmbeddedJobStore } from './job-store-fixture.ts'

describeJobStore('PGlite', openEmbeddedJobStore)
