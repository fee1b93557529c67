export { emailKey } from '../contract/email-key.ts'
