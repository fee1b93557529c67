/** Sign-in, second factor, sessions, invitations, set-up: every door that people come in by. */
import { passwordMatches } from '../_shared/auth/password.ts'
import { seal } from '../_shared/auth/sealed.ts'
import { api } from '../_shared/http.ts'
import { database } from './database.ts'
import { sumFailures } from './failures.ts'
import { codeRoutes } from './routes/codes.ts'
import { emailRoutes } from './routes/email.ts'
import { factorRoutes } from './routes/factors.ts'
import { firmRoutes } from './routes/firm.ts'
import { firstStepRoutes } from './routes/first-steps.ts'
import { invitationRoutes } from './routes/invitations.ts'
import { noticeSettingRoutes } from './routes/notice-settings.ts'
import { noticeRoutes } from './routes/notices.ts'
import { passwordRoutes } from './routes/password.ts'
import { proveRoutes } from './routes/prove.ts'
import { resetRoutes } from './routes/reset.ts'
import { passkeyDoorRoutes } from './routes/passkey-doors.ts'
import { passkeyRoutes } from './routes/passkeys.ts'
import { providerRoutes } from './routes/provider.ts'
import { recoveryRoutes } from './routes/recovery.ts'
import { seeingRoutes } from './routes/seeing.ts'
import { secondFactorRoutes } from './routes/second-factor.ts'
import { sessionRoutes } from './routes/session.ts'
import { setupRoutes } from './routes/setup.ts'
import { signInRoutes } from './routes/sign-in.ts'

const app = api()
signInRoutes(app)
secondFactorRoutes(app)
passkeyDoorRoutes(app)
providerRoutes(app)
passkeyRoutes(app)
factorRoutes(app)
recoveryRoutes(app)
codeRoutes(app)
sessionRoutes(app)
proveRoutes(app)
passwordRoutes(app)
resetRoutes(app)
emailRoutes(app)
seeingRoutes(app)
invitationRoutes(app)
setupRoutes(app)
firmRoutes(app)
noticeRoutes(app)
noticeSettingRoutes(app)
firstStepRoutes(app)

export default app

/** The first hash and the first seal of a process take longer than the next: nobody shall see that in a sign-in. */
export const warm = async (): Promise<void> => {
  await Promise.all([database.warm(), passwordMatches(null, 'warm'), seal('warm')])
  await sumFailures()
}

export const close = () => database.close()
