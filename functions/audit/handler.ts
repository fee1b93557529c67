/** The audit log, read by people: of a document, of a project, of the firm. */
import { requireCaller } from '../_shared/auth/session.ts'
import { api } from '../_shared/http.ts'
import { database } from './database.ts'
import { activityRoutes } from './routes/activity.ts'
import { eventRoutes } from './routes/events.ts'
import { exportRoutes } from './routes/export.ts'

const app = api()
app.use(requireCaller(database, 'audit'))
activityRoutes(app)
eventRoutes(app)
exportRoutes(app)

export default app
export const warm = () => database.warm()
export const close = () => database.close()
