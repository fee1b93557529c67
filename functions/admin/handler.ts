/** Clients, people, invitations, permissions, API keys and the firm's settings. */
import { api } from '../_shared/http.ts'
import { database } from './database.ts'
import { firmRoutes } from './routes/firm.ts'
import { grantRoutes } from './routes/grants.ts'
import { invitationRoutes } from './routes/invitations.ts'
import { jobRoutes } from './routes/jobs.ts'
import { keyRoutes } from './routes/keys.ts'
import { organisationRoutes } from './routes/organisations.ts'
import { peopleRoutes } from './routes/people.ts'

const app = api()
organisationRoutes(app)
peopleRoutes(app)
invitationRoutes(app)
grantRoutes(app)
firmRoutes(app)
keyRoutes(app)
jobRoutes(app)

export default app

export const warm = () => database.warm()
export const close = () => database.close()
