/**
 * The dictionary that the functions speak, for the web. In the browser import types only where that is enough:
 * a schema brings zod along, which the sign-in page does without.
 */
import './zod-without-eval.ts'
export * from '../../../functions/_shared/contract/common.ts'
export * from '../../../functions/_shared/contract/person.ts'
export * from '../../../functions/_shared/contract/access.ts'
export * from '../../../functions/_shared/contract/dead-letter.ts'
export * from '../../../functions/_shared/contract/document.ts'
export * from '../../../functions/_shared/contract/archive.ts'
export * from '../../../functions/_shared/contract/comment.ts'
export * from '../../../functions/_shared/contract/media.ts'
export * from '../../../functions/_shared/contract/upload.ts'
export * from '../../../functions/_shared/contract/order.ts'
export * from '../../../functions/_shared/contract/activity.ts'
export * from '../../../functions/_shared/contract/log.ts'
export * from '../../../functions/_shared/contract/live.ts'
export * from '../../../functions/_shared/contract/search.ts'
export * from '../../../functions/_shared/contract/notice.ts'
export * from '../../../functions/_shared/contract/api-key.ts'
export * from '../../../functions/_shared/contract/link.ts'
export * from '../../../functions/_shared/contract/first-steps.ts'
