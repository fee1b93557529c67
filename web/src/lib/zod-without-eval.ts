/** zod compiles schemas with new Function, which our Content-Security-Policy forbids: it must not even try. */
import { z } from 'zod'

z.config({ jitless: true })
