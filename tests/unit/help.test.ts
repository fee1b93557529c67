import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { readHelp } from '../../web/scripts/help.ts'
import { TOPICS, helpFor, isOpenHelp, isTopic, topicsFor } from '../../web/src/lib/help/topics.ts'
import { groupsOf, wishOf } from '../../web/src/lib/keyboard/keys.ts'

const LANGUAGES = ['de', 'en', 'sv']
const MOST_BYTES = 40 * 1024
const files = LANGUAGES.flatMap((language) =>
  readdirSync(`docs/help/${language}`).map((file) => ({
    language,
    file,
    path: `docs/help/${language}/${file}`
  }))
)

test('each topic is written in each language, and nothing else is', () => {
  const wanted = LANGUAGES.flatMap((language) =>
    Object.keys(TOPICS).map((topic) => `${language}/${topic}.md`)
  )
  assert.deepEqual(files.map(({ language, file }) => `${language}/${file}`).toSorted(), wanted.toSorted())
})

test('every link of a help text leads to a topic that its reader may open', () => {
  for (const { path, file } of files) {
    const { links } = readHelp(readFileSync(path, 'utf8'))
    for (const link of links) {
      assert.ok(isTopic(link), `${path}: ${link}`)
      if (isOpenHelp(`/help/${file.slice(0, -3)}`)) assert.ok(isOpenHelp(`/help/${link}`), `${path}: ${link}`)
    }
  }
})

test('every picture is there, has words, is small, and is used', () => {
  const used = new Set<string>()
  for (const { path } of files)
    for (const picture of readHelp(readFileSync(path, 'utf8')).pictures) {
      const file = join(dirname(path), picture)
      assert.ok(existsSync(file), `${path}: ${picture}`)
      assert.ok(statSync(file).size <= MOST_BYTES, `${file} is larger than 40 KB`)
      used.add(file)
    }
  const folder = 'docs/help/pictures'
  const there = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  assert.deepEqual(there.toSorted(), [...used].toSorted())
})

test('a topic has the same parts in every language', () => {
  const shape = (path: string) => {
    const { nodes, links, pictures } = readHelp(readFileSync(path, 'utf8'))
    const tags = JSON.stringify(nodes).match(/"tag":"(h2|ol|ul|li|img)"/g)
    return { tags, links, pictures: pictures.length }
  }
  for (const topic of Object.keys(TOPICS)) {
    const german = shape(`docs/help/de/${topic}.md`)
    assert.deepEqual(shape(`docs/help/en/${topic}.md`), german, `en/${topic}`)
    assert.deepEqual(shape(`docs/help/sv/${topic}.md`), german, `sv/${topic}`)
  }
})

test('a help text holds no raw HTML, no foreign link, no picture without words', () => {
  const read = (text: string) => () => readHelp(`# Title\n\n${text}\n`)
  assert.throws(read('<b>bold</b>'))
  assert.throws(read('text <img src=x onerror=alert(1)>'))
  assert.throws(read('[elsewhere](https://example.org)'))
  assert.throws(read('[odd](javascript:alert(1))'))
  assert.throws(read('![](x.webp)'))
  assert.throws(() => readHelp('No title'))
  assert.deepEqual(read('[send](send.md) & **more**')().nodes, [
    {
      tag: 'p',
      children: [
        { tag: 'a', href: '/help/send', children: ['send'] },
        ' & ',
        { tag: 'strong', children: ['more'] }
      ]
    }
  ])
})

test('what one needs at the door is open, the rest asks for the sign-in', () => {
  for (const path of ['/help', '/help/', '/help/sign-in', '/help/link']) assert.ok(isOpenHelp(path), path)
  for (const path of [
    '/help/send',
    '/help/api',
    '/help/nothing',
    '/help/sign-in/x',
    '/helpful',
    '/help/constructor'
  ])
    assert.ok(!isOpenHelp(path), path)
  assert.deepEqual(
    topicsFor('nobody'),
    Object.keys(TOPICS).filter((name) => isOpenHelp(`/help/${name}`))
  )
  assert.ok(!topicsFor('client').includes('invite'))
  assert.deepEqual(topicsFor('staff'), Object.keys(TOPICS))
})

test('a page leads to its own topic, and a page without one to the list', () => {
  assert.equal(helpFor('/projects/1', false), '/help/send')
  assert.equal(helpFor('/projects/1/people', false), '/help/who-can-see')
  assert.equal(helpFor('/projects/1/people', true), '/help/give-access')
  assert.equal(helpFor('/account/keys', true), '/help/api')
  assert.equal(helpFor('/account', false), '/help/sign-in')
  assert.equal(helpFor('/', true), '/help')
})

test('a question mark in a field is a letter and Ctrl+Z its own; Ctrl+K works there, with Alt it does not', () => {
  const press = {
    key: '?',
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    defaultPrevented: false
  }
  assert.equal(wishOf(press, false), 'keys')
  assert.equal(wishOf(press, true), null)
  assert.equal(wishOf({ ...press, key: 'K', metaKey: true }, true), 'jump')
  assert.equal(wishOf({ ...press, key: 'k', ctrlKey: true, altKey: true }, true), null)
  assert.equal(wishOf({ ...press, key: 'k' }, false), null)
  assert.equal(wishOf({ ...press, key: 'z', ctrlKey: true }, false), 'undo')
  assert.equal(wishOf({ ...press, key: 'z', ctrlKey: true }, true), null)
  assert.equal(wishOf({ ...press, key: 'Z', ctrlKey: true, shiftKey: true }, false), null)
  assert.deepEqual(groupsOf('/documents/1'), ['viewer', 'everywhere'])
  assert.deepEqual(groupsOf('/projects/1/people'), ['everywhere'])
})

test('what the guides show and lead to is there', () => {
  const guides = readdirSync('docs/guide').filter((name) => name.endsWith('.md'))
  for (const guide of guides)
    for (const [, goal = ''] of readFileSync(`docs/guide/${guide}`, 'utf8').matchAll(/\]\(([^)#]+)\)/g))
      if (!goal.startsWith('http')) assert.ok(existsSync(join('docs/guide', goal)), `${guide}: ${goal}`)
})
