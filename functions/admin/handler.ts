/** Clients, people, invitations, permissions, API keys and the firm's settings. */
import { api } from '../_shared/http.ts'
import { database } from './database.ts'
import { accountRoutes } from './routes/accounts.ts'
import { backupRoutes } from './routes/backups.ts'
import { reconciliationRoutes } from './routes/reconciliation.ts'
import { deputyRoutes } from './routes/deputies.ts'
import { emergencyRoutes } from './routes/emergencies.ts'
import { employeeRoutes } from './routes/employees.ts'
import { firmRoutes } from './routes/firm.ts'
import { grantRoutes } from './routes/grants.ts'
import { groupRoutes } from './routes/groups.ts'
import { guestRoutes } from './routes/guests.ts'
import { exportRoutes } from './routes/exports.ts'
import { importRoutes } from './routes/imports.ts'
import { invitationRoutes } from './routes/invitations.ts'
import { jobRoutes } from './routes/jobs.ts'
import { keyRoutes } from './routes/keys.ts'
import { organisationPageRoutes } from './routes/organisation.ts'
import { organisationRoutes } from './routes/organisations.ts'
import { peopleRoutes } from './routes/people.ts'
import { providerRoutes } from './routes/provider.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { simulationRoutes } from './routes/simulation.ts'
import { thingRoutes } from './routes/things.ts'
import { wayInRoutes } from './routes/way-in.ts'
import { webhookRoutes } from './routes/webhooks.ts'

const app = api()
organisationRoutes(app)
organisationPageRoutes(app)
employeeRoutes(app)
groupRoutes(app)
guestRoutes(app)
peopleRoutes(app)
accountRoutes(app)
importRoutes(app)
exportRoutes(app)
wayInRoutes(app)
invitationRoutes(app)
grantRoutes(app)
thingRoutes(app)
deputyRoutes(app)
emergencyRoutes(app)
simulationRoutes(app)
firmRoutes(app)
providerRoutes(app)
signInRoutes(app)
keyRoutes(app)
jobRoutes(app)
backupRoutes(app)
reconciliationRoutes(app)
webhookRoutes(app)

export default app

export const warm = () => database.warm()
export const close = () => database.close()
