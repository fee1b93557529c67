/** Links for third parties: people make and revoke them, visitors open them and look through what is shared. */
import { api } from '../_shared/http.ts'
import { database } from './database.ts'
import { linkRoutes } from './routes/links.ts'
import { askRoutes } from './routes/ask.ts'
import { renewalRoutes } from './routes/renewal.ts'
import { openRoutes } from './routes/open.ts'
import { visitDocumentRoutes } from './routes/visit-documents.ts'
import { visitRoutes } from './routes/visits.ts'

const app = api()
linkRoutes(app)
renewalRoutes(app)
askRoutes(app)
openRoutes(app)
visitRoutes(app)
visitDocumentRoutes(app)

export default app

export const warm = () => database.warm()
export const close = () => database.close()
