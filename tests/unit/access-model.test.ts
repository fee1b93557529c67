import assert from 'node:assert/strict'
import { test } from 'node:test'
import vectors from '../vectors/access-cases.json' with { type: 'json' }
import { type PrincipalKind, type Thing, type World, level } from '../support/access-model.ts'

const always = { valid_from: -Infinity, valid_until: Infinity }
const KINDS: Record<string, PrincipalKind> = {
  person: 'person',
  own_group: 'group',
  other_group: 'group',
  organisation: 'organisation'
}

/** The asker in two groups and an organisation; a document in a folder in a project. */
function world(grants: (typeof vectors.cases)[number]['grants']): World {
  const chain = ['firm', 'project', 'folder', 'document'] as const
  const things: Thing[] = chain.map((kind, i) => ({
    id: kind,
    kind,
    parent_id: chain[i - 1] ?? null,
    name: kind,
    inherits: true,
    client_id: null,
    walls: false
  }))
  return {
    people: [{ id: 'person', staff_role: null, capped_by: null, ...always }],
    memberships: ['own_group', 'other_group', 'organisation'].map((container_id) => ({
      person_id: 'person',
      container_id,
      ...always
    })),
    things,
    grants: grants.map((grant, i) => ({
      id: `grant ${i}`,
      principal_id: grant.to,
      principal_kind: KINDS[grant.to] ?? 'person',
      thing_id: grant.on,
      level: grant.level,
      allows: grant.allows,
      own_only: false,
      ...always
    })),
    links: [],
    nesting: [],
    locks: [],
    assignments: [],
    exclusions: [],
    deputies: []
  }
}

for (const { name, grants, asked, answer } of vectors.cases)
  test(`the model agrees: ${name}: ${vectors.levels[answer]}`, () => {
    assert.equal(level(world(grants), 'person', asked, 0), answer)
  })

test('a world in which nobody was granted anything shows nothing', () => {
  assert.equal(level(world([]), 'person', 'document', 0), 0)
})
