import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Disagreement } from '../support/access-questions.ts'
import { compareMany, worldsDatabase } from '../support/access-run.ts'

/** Enough for each mutant below by a factor of ten; a mutant that lives longer shows that the worlds have become tame. */
const WORLDS = 1_000

/** One wrong word in one function of the rule. `of` must occur in the function as the database prints it. */
const MUTANTS: { name: string; in: string; of: string; to: string }[] = [
  { name: 'a deny cuts to its level, not below it', in: 'access_step', of: 'level - 1', to: 'level' },
  {
    name: 'an allow below what is held takes away',
    in: 'access_step',
    of: 'greatest(held, level)',
    to: 'level'
  },
  {
    name: 'a deny gives to whoever holds less',
    in: 'access_step',
    of: 'least(held, level - 1)',
    to: 'level - 1'
  },
  {
    name: 'the person is heard before the group',
    in: 'access_levels',
    of: 'order by stop.place, s.rank',
    to: 'order by stop.place, -s.rank'
  },
  {
    name: 'the firm has the last word',
    in: 'access_levels',
    of: 'order by stop.place, s.rank',
    to: 'order by -stop.place, s.rank'
  },
  {
    name: 'rank counts before place',
    in: 'access_levels',
    of: 'order by stop.place, s.rank',
    to: 'order by s.rank, stop.place'
  },
  {
    name: 'a closed folder is open',
    in: 'access_levels',
    of: 'stop.place >= stop.cut',
    to: 'stop.place >= 1'
  },
  {
    name: 'a closed folder does not hear itself',
    in: 'access_levels',
    of: 'stop.place >= stop.cut',
    to: 'stop.place > stop.cut'
  },
  {
    name: 'a grant speaks at the end of its window',
    in: 'access_levels',
    of: 'at < g.valid_until',
    to: 'at <= g.valid_until'
  },
  {
    name: 'a grant is silent when its window begins',
    in: 'access_levels',
    of: 'at >= g.valid_from',
    to: 'at > g.valid_from'
  },
  {
    name: 'locks are not looked at',
    in: 'access_levels',
    of: 'least(coalesce(own.level, 0), ceiling.level)',
    to: 'coalesce(own.level, 0)'
  },
  {
    name: 'a hiding lock still shows',
    in: 'access_levels',
    of: 'when l.hides then 0',
    to: 'when l.hides then 1'
  },
  {
    name: 'the cap of a link or sub-account is dropped',
    in: 'access_selves',
    of: 'c.step < 4',
    to: 'c.step < 1'
  },
  { name: 'the cap of a cap is dropped', in: 'access_selves', of: 'c.step < 4', to: 'c.step < 2' },
  {
    name: 'the maximum with the cap',
    in: 'access_levels',
    of: 'min(lent.level)',
    to: 'max(lent.level)'
  },
  {
    name: 'somebody inactive still sees',
    in: 'access_selves',
    of: 'bool_and(c.alive and',
    to: 'bool_and(true and'
  },
  {
    name: 'an auditor sees documents',
    in: 'access_selves',
    of: "c.role is distinct from 'auditor'",
    to: 'true'
  },
  { name: 'walls are not looked at', in: 'access_levels', of: 'or i.staff', to: 'or false' },
  { name: 'walls bind clients', in: 'access_levels', of: 'or i.staff', to: 'or true' },
  { name: 'an exclusion is not looked at', in: 'access_levels', of: 'e.person_id = i.id', to: 'false' },
  {
    name: 'a deputy holds what both hold, not what either does',
    in: 'access_levels',
    of: 'max(case when i.alive',
    to: 'min(case when i.alive'
  },
  {
    name: 'a deputy passes a wall or an exclusion in the place of one absent',
    in: 'access_levels',
    of: 'in (i.id, i.stead)',
    to: 'in (i.id)'
  },
  {
    name: 'a wall or an exclusion of one absent is forgotten',
    in: 'access_levels',
    of: 'in (i.id, i.stead)',
    to: 'in (i.stead)'
  },
  {
    name: 'a deputy stands in before the window begins',
    in: 'access_selves',
    of: 'at >= d.valid_from',
    to: 'true'
  },
  {
    name: 'a deputy stands in when the window is over',
    in: 'access_selves',
    of: 'at < d.counts_until',
    to: 'at <= d.counts_until'
  },
  {
    name: 'a deputyship that was ended goes on',
    in: 'access_selves',
    of: 'd.counts_until',
    to: 'd.valid_until'
  },
  {
    name: 'a deputy who is inactive stands in',
    in: 'access_selves',
    of: 'one.alive and at >= a.valid_from',
    to: 'at >= a.valid_from'
  },
  {
    name: 'one absent who is inactive gives',
    in: 'access_selves',
    of: 'and at >= a.valid_from and at < a.valid_until and a.staff_role',
    to: 'and a.staff_role'
  },
  { name: 'an auditor gives', in: 'access_selves', of: "a.staff_role <> 'auditor'", to: 'true' },
  {
    name: 'a client has a deputy',
    in: 'access_selves',
    of: 'a.staff_role is not null and',
    to: ''
  },
  { name: 'a client stands in', in: 'access_selves', of: 'where one.staff', to: 'where true' },
  { name: 'a sub-account has a deputy', in: 'access_selves', of: 'and a.capped_by is null', to: '' },
  {
    name: 'reach forgets those in whose place one stands',
    in: 'access_reach',
    of: 'array(select unnest(mine) union select unnest(r.projects))',
    to: 'mine'
  },
  {
    name: "the overview takes a deputy's gates for those of one absent",
    in: 'access_visible',
    of: 'not lent or',
    to: 'true or'
  },
  {
    name: 'the overview takes the least of deputy and absent one',
    in: 'access_visible',
    of: 'max(held.level)',
    to: 'min(held.level)'
  },
  {
    name: 'an explanation tells of the place where less is held',
    in: 'access_steads',
    of: 'else coalesce(held.level, 0) end desc',
    to: 'else coalesce(held.level, 0) end'
  },
  {
    name: 'an explanation tells of a place before which a wall or an exclusion stands',
    in: 'access_steads',
    of: 'or not i.alive or exists',
    to: 'or not i.alive or false and exists'
  },
  { name: 'who forgets deputies', in: 'access_people', of: 'd.absent_id = x.id', to: 'false' },
  {
    name: 'an exclusion binds on every client',
    in: 'access_levels',
    of: 'and e.client_id = c.client_id',
    to: ''
  },
  { name: 'groups do not nest', in: 'access_selves', of: 'n.inner_id = m.group_id', to: 'false' },
  { name: 'a membership never ends', in: 'access_selves', of: 'and at < m.valid_until', to: '' },
  { name: 'an assignment never ends', in: 'access_levels', of: 'at < a.valid_until', to: 'true' },
  {
    name: 'a grant for own uploads reaches those of others',
    in: 'access_levels',
    of: 'not s.own_only or not stop.is_document',
    to: 'true or not stop.is_document'
  },
  {
    name: 'a grant for own uploads does not reach them',
    in: 'access_levels',
    of: 'stop.made_by = s.self_id',
    to: 'false'
  },
  {
    name: 'a grant for own uploads is silent on folders',
    in: 'access_levels',
    of: 'or not stop.is_document',
    to: ''
  },
  {
    name: 'a grant for own uploads speaks for documents of others in a folder',
    in: 'access_levels',
    of: 'filter (where not s.own_only) as others',
    to: 'as others'
  },
  {
    name: 'what waits for its release is shown to clients',
    in: 'access_levels',
    of: 'i.staff or not t.waits',
    to: 'true'
  },
  {
    name: 'what waits for its release is hidden from the firm',
    in: 'access_levels',
    of: 'i.staff or not t.waits',
    to: 'not t.waits'
  },
  {
    name: 'a lock with a delay lies at once',
    in: 'access_levels',
    of: 'locked.counts_from is null',
    to: 'true'
  },
  {
    name: 'a lock with a delay never comes',
    in: 'access_levels',
    of: 'or stop.is_document',
    to: 'or false'
  },
  {
    name: 'a lock with a delay comes a moment late',
    in: 'access_levels',
    of: 'and at >= case locked.counts_from',
    to: 'and at > case locked.counts_from'
  },
  {
    name: 'a lock counts changes from the upload',
    in: 'access_levels',
    of: 'else stop.changed_at end',
    to: 'else stop.uploaded_at end'
  },
  {
    name: 'a lock does not pass over its exceptions',
    in: 'access_levels',
    of: 'e.lock_id = locked.lock_id',
    to: 'false'
  },
  {
    name: 'a lock with a delay lies on folders too',
    in: 'access_visible',
    of: 'l.counts_from is null',
    to: 'true'
  },
  {
    name: 'an explanation hears what is for own uploads only on those of others',
    in: 'access_heard',
    of: 'not g.own_only',
    to: 'true'
  },
  {
    name: 'a trial does not look at what others put in',
    in: 'access_try',
    of: 'or x.others_unlocked <> y.others_unlocked',
    to: ''
  },
  { name: 'reach forgets documents', in: 'access_reaches', of: 'd.id = mine.document_id', to: 'false' },
  { name: 'reach forgets the walls', in: 'access_reaches', of: 'not i.staff', to: 'true' },
  {
    name: 'reach is that of the asker alone',
    in: 'access_reach',
    of: 'select unnest(result) intersect select unnest(mine)',
    to: 'select unnest(mine)'
  },
  {
    name: 'the folders of an overview ignore locks',
    in: 'access_visible',
    of: 'least(coalesce(own.level, 0), ceiling.level)',
    to: 'coalesce(own.level, 0)'
  },
  {
    name: 'the folders of an overview ignore a silent cap',
    in: 'access_visible',
    of: 'count(*) = selves',
    to: 'true'
  },
  {
    name: 'a reason is the first that was heard',
    in: 'access_reason',
    of: 'h.hearing desc',
    to: 'h.hearing'
  },
  {
    name: "a list gives each document its folder's answer",
    in: 'access_list',
    of: 'case when a.thing_id is not null then a.level else here.others end',
    to: 'here.others'
  },
  {
    name: 'a list shows what others put into a drop folder',
    in: 'access_list',
    of: 'here.others > 0 or d.own_scope',
    to: 'here.level > 0 or d.own_scope'
  },
  {
    name: 'a list gives documents of others the level of own ones',
    in: 'access_list',
    of: 'else here.others end',
    to: 'else here.level end'
  },
  {
    name: 'a list forgets own documents in a drop folder',
    in: 'access_list',
    of: 'd.created_by = any(selves)',
    to: 'false'
  },
  {
    name: 'a list shows what waits for its release',
    in: 'access_list',
    of: 'd.own_scope or d.waits or timed',
    to: 'd.own_scope or timed'
  },
  {
    name: 'a list shows what a lock hides from its own day on',
    in: 'access_list',
    of: 'd.waits or timed or',
    to: 'd.waits or'
  },
  { name: 'a list forgets documents in hidden folders', in: 'access_list', of: 'a.level = 0', to: 'false' },
  {
    name: 'a tree reveals what lies above',
    in: 'access_tree',
    of: 'left join seen up',
    to: 'left join n up'
  },
  {
    name: 'an overview forgets projects seen only inside',
    in: 'access_projects',
    of: "n.kind = 'folder'",
    to: "n.kind = 'firm'"
  },
  { name: 'who forgets inner groups', in: 'access_people', of: 'n.outer_id = any(principals)', to: 'false' },
  {
    name: 'a trial forgets sub-accounts',
    in: 'access_try',
    of: 'p.capped_by = any(whos)',
    to: 'false'
  },
  { name: 'a trial forgets links', in: 'access_try', of: 'l.made_by = any(whos)', to: 'false' },
  { name: 'a trial looks at the thing alone', in: 'access_points', of: 'n.path @> array[top]', to: 'false' },
  {
    name: 'the lock-out guard looks below locks',
    in: 'access_unmanaged',
    of: 'a.unlocked = 4',
    to: 'a.level = 4'
  },
  {
    name: 'the end of a grant that begins later is not tried',
    in: 'access_try',
    of: 'greatest(at, old.valid_from)',
    to: 'at'
  },
  {
    name: 'a closed document is open',
    in: 'access_levels',
    of: 'case when d.inherits then n.cut else cardinality(n.path) + 1 end',
    to: 'n.cut'
  },
  { name: 'a closed document does not notice', in: 'document_closed', of: 'not new.inherits', to: 'false' },
  {
    name: 'closing does not reach what lies below',
    in: 'node_below',
    of: 'where parent_id = new.id',
    to: 'where false'
  },
  {
    name: 'a moved folder keeps its place',
    in: 'node_place',
    of: 'new.path := up.path || new.id',
    to: 'new.path := coalesce(old.path, up.path || new.id)'
  },
  {
    name: 'documents do not notice their own grants',
    in: 'scope_refresh',
    of: 'set own_scope = own or not inherits where',
    to: 'set own_scope = false where'
  }
]

const { client } = await worldsDatabase()

for (const mutant of MUTANTS)
  test(`caught: ${mutant.name}`, async (t) => {
    const found = await client.query<{ source: string }>(
      `select pg_get_functiondef(p.oid) as source from pg_proc p where p.proname = $1 and p.pronamespace = 'public'::regnamespace`,
      [mutant.in]
    )
    const source = found.rows[0]?.source ?? ''
    assert.ok(source.includes(mutant.of), `${mutant.in} does not say: ${mutant.of}`)
    await client.query(source.replaceAll(mutant.of, mutant.to))
    try {
      await assert.rejects(compareMany(client, WORLDS, 1), (error: Error) => {
        assert.ok(error.cause instanceof Disagreement, String(error.cause))
        t.diagnostic(error.cause.question)
        return true
      })
    } finally {
      await client.query(source)
    }
  })
