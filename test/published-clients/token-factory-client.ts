// A program with the recorded v1 client in Python, whose token factory names another host than the cloud's.
import { randomUUID } from 'node:crypto'
import { recordedPythonClient } from './recorded-v1-clients.ts'

const tokenFactory = {
  getServiceUrl: () => process.env.SERVICE_HOST!,
  getToken: async () => process.env.TOKEN!,
}
const client = recordedPythonClient(tokenFactory.getToken, tokenFactory.getServiceUrl())
const surveys = { pointClouds1: randomUUID(), pointClouds2: randomUUID() }
const settings = { ...surveys, outputs: ['objects3D'], options: { minPoints: 30 } }
const jobId = await client.createJob(settings, 'by token factory', randomUUID())
process.stdout.write(JSON.stringify(await client.getJobProgress(jobId)))
