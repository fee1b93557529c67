/** Projects, folders, documents, versions, pages, uploads. Bytes of files never come through here. */
import { requireCaller } from '../_shared/auth/session.ts'
import { api } from '../_shared/http.ts'
import { idempotent } from '../_shared/idempotency.ts'
import { database } from './database.ts'
import { archiveOrderRoutes } from './routes/archive-orders.ts'
import { archiveRoutes } from './routes/archives.ts'
import { commentRoutes } from './routes/comments.ts'
import { contentRoutes } from './routes/content.ts'
import { copyRoutes } from './routes/copies.ts'
import { dashboardRoutes } from './routes/dashboard.ts'
import { documentRoutes } from './routes/documents.ts'
import { fourEyesRoutes } from './routes/four-eyes.ts'
import { folderRoutes } from './routes/folders.ts'
import { lendingRoutes } from './routes/lendings.ts'
import { labelRoutes } from './routes/labels.ts'
import { lockRoutes } from './routes/locks.ts'
import { orderRoutes } from './routes/order.ts'
import { pageRoutes } from './routes/pages.ts'
import { peopleRoutes } from './routes/people.ts'
import { projectRoutes } from './routes/projects.ts'
import { releaseRoutes } from './routes/release.ts'
import { completionRoutes } from './routes/upload-completion.ts'
import { s3CredentialRoutes } from './routes/s3-credentials.ts'
import { searchRoutes } from './routes/search.ts'
import { uploadPartRoutes } from './routes/upload-parts.ts'
import { uploadRoutes } from './routes/uploads.ts'
import { versionRoutes } from './routes/versions.ts'
import { openStore, uploadSigner } from './store.ts'

const app = api()
app.use(requireCaller(database, 'documents'))
for (const path of [
  '/projects',
  '/folders',
  '/uploads',
  '/comments',
  '/archives/orders',
  '/things/copy',
  '/locks'
])
  app.post(path, idempotent(database))

projectRoutes(app)
folderRoutes(app)
documentRoutes(app)
versionRoutes(app)
pageRoutes(app)
contentRoutes(app)
commentRoutes(app)
orderRoutes(app)
copyRoutes(app)
dashboardRoutes(app)
labelRoutes(app)
lendingRoutes(app)
archiveRoutes(app)
archiveOrderRoutes(app)
peopleRoutes(app)
releaseRoutes(app)
fourEyesRoutes(app)
lockRoutes(app)
searchRoutes(app)
completionRoutes(app)
uploadRoutes(app)
uploadPartRoutes(app)
s3CredentialRoutes(app)

export default app

/** The store's SDK follows once the function is ready: whoever completes the first upload shall not wait for it. */
export const warm = async (): Promise<void> => {
  await Promise.all([database.warm(), uploadSigner()])
  setTimeout(() => void openStore(), 500).unref()
}

export const close = () => database.close()
