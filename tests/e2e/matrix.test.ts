/**
 * A hostile client, former guest, visitor, sub-account, colleague, deputy and auditor at every door beside the API's own
 * (which tests/functions/matrix.test.ts stands at): pages, forms, streams, files, functions. One portal, started as people
 * start it. Expectations come from the access rule in its database.
 */
import { describe } from 'node:test'
import { actionTests } from './matrix/actions.ts'
import { fileTests } from './matrix/files.ts'
import { functionTests } from './matrix/functions.ts'
import { startGround } from './matrix/ground.ts'
import { pageTests } from './matrix/pages.ts'

const ground = await startGround()

describe('files', () => fileTests(ground))
describe('forms', () => actionTests(ground))
describe('functions', () => functionTests(ground))
// Signs everybody out in the end.
describe('pages', () => pageTests(ground))
