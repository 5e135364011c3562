// The same route as most would begin it: Express as it comes, one look-up in a Map, nothing else.
//
//   node bench/http/plain-express.ts BODY FILE_OF_IDS
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import express from 'express'

const [body = '', ids = ''] = process.argv.slice(2)
const jobs = new Map(
  readFileSync(ids, 'latin1')
    .trim()
    .split('\n')
    .map((id) => [id, JSON.parse(body)]),
)
const app = express()
app.get('/realitydataanalysis/jobs/:jobId/progress', (request, response) => {
  const job = jobs.get(request.params.jobId)
  if (job === undefined) response.status(404).end()
  else response.json(job)
})
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
