/** What of the contract the browser needs as values. Anything else of it is imported as a type: zod stays on the server. */
export * from '../../../functions/_shared/contract/values.ts'
