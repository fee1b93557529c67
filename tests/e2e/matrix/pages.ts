/** Each page and endpoint of the web × each role × the places: its status is the rule's, and it shows nothing hidden. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rule } from '../../support/matrix/asks.ts'
import { expected, fits, isIn, leaked, placesOf } from '../../support/matrix/expect.ts'
import { PAGES } from '../../support/matrix/pages.ts'
import { webRoutes } from '../../support/matrix/web-routes.ts'
import type { Role } from '../../support/matrix/world.ts'
import { type Answer, type Ground, forAll } from './ground.ts'

const DOORS = /^\/(sign-in|second-factor)(\?|$)/

/** Whoever is sent to a door is as good as refused by the API. */
const statusOf = ({ status, headers }: Answer): number =>
  status < 400 && status >= 300 && DOORS.test(headers.location ?? '') ? 401 : status

/** Of the pages for roles some are about a client or its people, none about a folder. */
const askedAt = (rule: Rule) => (rule.for === 'roles' ? (['own', 'foreign'] as const) : placesOf(rule))

export function pageTests({ ground, world, ask }: Ground): void {
  test('every page and endpoint under web/src/routes says what it asks of whom', () => {
    const there = webRoutes().flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`))
    assert.deepEqual(Object.keys(PAGES).toSorted(), there.toSorted())
  })

  test('a person’s own news are for nobody else', async () => {
    const wrong: string[] = []
    await forAll(world.roles, async (role) => {
      for (const other of world.roles.filter((one) => one.person_id)) {
        const { status } = await ask('GET', `/events?topic=person:${other.person_id}`, {
          cookie: role.cookie,
          first: true
        })
        const own = isIn(role) && other.person_id === role.person_id
        if ((status === 200) !== own) wrong.push(`${role.name} for ${other.name}: ${status}`)
      }
    })
    assert.deepEqual(wrong, [])
  })

  // What ends the sessions of the roles comes last.
  const inOrder = Object.entries(PAGES).toSorted(
    ([a], [b]) => Number(/sign-out/.test(a)) - Number(/sign-out/.test(b))
  )
  for (const [route, rule] of inOrder)
    test(`${route}`, async () => {
      const wrong: string[] = []
      const [method = ''] = route.split(' ')
      const cases = world.roles.flatMap((role) => askedAt(rule).map((place) => ({ role, place })))
      await forAll(cases, async ({ role, place }) => {
        if (rule.for === 'owner') return
        const at = { stage: ground, world, place, role }
        const wish = await rule.ask(at)
        const want = await expected({ ...at, rule, ask: wish, owner: null })
        const form = { 'content-type': 'application/x-www-form-urlencoded' }
        const answer = await ask(method, wish.path, {
          ...{ cookie: role.cookie, first: true },
          ...(method === 'POST' && { headers: form, body: 'locale=en&back=/' })
        })
        const name = `${role.name}, ${place}`
        if (!fits(statusOf(answer), doorFor(rule, want), wish.business))
          wrong.push(`${name}: ${answer.status} ${answer.headers.location ?? ''} for ${want.join(' or ')}`)
        wrong.push(...(await leaks(role, answer.text, name)))
        if (method === 'GET' && !route.includes('/events')) {
          // What a page's script asks for: alone the last part, as if all above it were known.
          const [path = '', query] = wish.path.split('?')
          const data = `${path === '/' ? '' : path}/__data.json?${query ? `${query}&` : ''}x-sveltekit-invalidated=0001`
          wrong.push(
            ...(await leaks(role, (await ask('GET', data, { cookie: role.cookie })).text, `${name}, data`))
          )
        }
      })
      assert.deepEqual(wrong, [])
    })

  async function leaks(role: Role, text: string, name: string): Promise<string[]> {
    const found = await leaked(ground, text, role)
    return found.length > 0 ? [`${name}: shows ${found.join(', ')}`] : []
  }
}

/** A door for everybody may send whoever is in past it, and whoever is not to another one. */
const doorFor = (rule: Rule, want: Awaited<ReturnType<typeof expected>>) =>
  rule.for === 'everybody' ? [...want, 401] : want
