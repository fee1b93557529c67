import assert from 'node:assert/strict'
import { test } from 'node:test'
import vectors from '../vectors/access-cases.json' with { type: 'json' }
import { testDatabase } from '../support/database.ts'
import { type SmallFirm, insertGrant, levelOf, makeSmallFirm } from '../support/small-firm.ts'

const database = await testDatabase()
const client = await database.client('portico_owner')
const made = await makeSmallFirm(client)

const PRINCIPAL: Record<string, [column: string, of: keyof SmallFirm]> = {
  person: ['person_id', 'person'],
  own_group: ['group_id', 'group'],
  other_group: ['group_id', 'other_group'],
  organisation: ['organisation_id', 'client']
}
const THING: Record<string, [column: string, of: keyof SmallFirm]> = {
  firm: ['node_id', 'firm'],
  project: ['node_id', 'project'],
  folder: ['node_id', 'folder'],
  document: ['document_id', 'document']
}

/** Throws on a word that the table does not know. */
function look(table: typeof THING, word: string): [column: string, id: string] {
  const found = table[word]
  if (!found) throw new Error(`what is "${word}"?`)
  return [found[0], made[found[1]]]
}

for (const { name, grants, asked, answer } of vectors.cases)
  test(`${name}: ${vectors.levels[answer]}`, async () => {
    await client.query('begin')
    for (const grant of grants) {
      const [principal, principal_id] = look(PRINCIPAL, grant.to)
      const [thing, thing_id] = look(THING, grant.on)
      await insertGrant(client, {
        [principal]: principal_id,
        [thing]: thing_id,
        level: grant.level,
        allows: grant.allows
      })
    }
    const [, id] = look(THING, asked)
    const level = await levelOf(client, made.person, id)
    await client.query('rollback')
    assert.equal(level, answer)
  })
