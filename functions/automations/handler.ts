/** Automations: rules of the firm's people, and what they do with a document when the connector says that it is time. */
import { requireCaller } from '../_shared/auth/session.ts'
import { RunRequest } from '../_shared/contract/automation.ts'
import { api } from '../_shared/http.ts'
import { idempotent } from '../_shared/idempotency.ts'
import { readJob } from '../_shared/parser.ts'
import { database } from './database.ts'
import { automationRoutes } from './routes/automations.ts'
import { runOnce } from './run.ts'

const app = api()
app.post('/run', async (c) =>
  Response.json(await runOnce(await readJob(c.req.raw, RunRequest, 'automations')))
)
app.use(requireCaller(database))
app.post('/rules', idempotent(database))
automationRoutes(app)

export default app

export const warm = () => database.warm()
export const close = () => database.close()
