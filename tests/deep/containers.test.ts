/**
 * The images of infra/deploy/Dockerfile, built and run. Needs a Docker engine, or a dockerd and the right to start it; base
 * images are made of this machine's files, npm's packages are fetched (or taken from npm's own cache in a layer).
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { importNode } from '../support/containers/base.ts'
import { BASE, type Built, build, buildByTemplate, filesOf, inspect } from '../support/containers/build.ts'
import { type Engine, noEngine, openEngine } from '../support/containers/engine.ts'
import { type Box, startBox } from '../support/containers/run.ts'
import { callOf, halfSent, ready, secretsOf, specs, testSecrets } from '../support/function-calls.ts'

/** Megabytes of an image whose function brings no programs of the system. */
const LARGEST = 250

describe('images', { skip: noEngine }, async () => {
  if (noEngine) return
  const secrets = await testSecrets()
  const built = new Map<string, Built>()
  let engine: Engine
  before(async () => {
    engine = await openEngine()
    importNode(engine, BASE)
  })
  after(() => engine.stop())

  for (const { name } of specs)
    test(`${name} is built: no user but its own, _shared and its own folder, at most ${LARGEST} MB`, (t) => {
      const image = build(engine, name, 'function', { FUNCTION: name })
      built.set(name, image)
      t.diagnostic(`${image.megabytes.toFixed(0)} MB`)
      assert.ok(image.megabytes <= LARGEST, `${image.megabytes.toFixed(1)} MB`)
      assert.equal(inspect(engine, image.image).Config.User, '1000:1000')
      const files = filesOf(engine, image.image)
      const folders = new Set(
        files.flatMap((file) => /^home\/app\/functions\/([^/]+)\/./.exec(file)?.[1] ?? [])
      )
      assert.deepEqual([...folders].toSorted(), ['_shared', name].toSorted())
      const ours = new Set(files.flatMap((file) => /^home\/app\/([^/]+)$/.exec(file)?.[1] ?? []))
      assert.deepEqual([...ours], ['package.json'])
      const programs = files.filter((file) => /(^|\/)s?bin\/./.test(file) && !file.includes('node_modules/'))
      assert.deepEqual(programs, ['usr/local/bin/node'], 'no shell, nothing but Node')
    })

  test('Node and the packages are the same layers in all of them', () => {
    const layers = [...built.values()].map(({ image }) => inspect(engine, image).RootFS.Layers)
    for (const own of layers) assert.deepEqual(own.slice(0, 2), layers[0]?.slice(0, 2))
    assert.equal(layers.length, specs.length)
  })

  test('faas-cli’s template makes the same image', () => {
    const theirs = buildByTemplate(engine, 'scan')
    // npm links the workspace where it sees it: a name that nothing asks for.
    const files = (image: string) =>
      filesOf(engine, image)
        .filter((file) => file !== 'home/app/node_modules/portico-web')
        .toSorted()
    assert.deepEqual(files(theirs), files(built.get('scan')?.image ?? ''))
    assert.equal(inspect(engine, theirs).Config.User, '1000:1000')
  })

  for (const target of ['host', 'web'])
    test(`${target} is built, and holds no function’s own folder`, (t) => {
      const { image, megabytes } = build(engine, target, target)
      t.diagnostic(`${megabytes.toFixed(0)} MB`)
      assert.ok(megabytes <= LARGEST, `${megabytes.toFixed(1)} MB`)
      assert.equal(inspect(engine, image).Config.User, '1000:1000')
      const others = readdirSync('functions').filter((name) => name !== '_shared')
      for (const file of filesOf(engine, image))
        assert.ok(!others.some((name) => file.startsWith(`home/app/functions/${name}/`)), file)
    })

  for (const spec of specs)
    describe(`${spec.name} as a container`, () => {
      let box: Box
      before(async () => {
        box = await startBox(engine, spec, secretsOf(spec, secrets))
        await ready(box.url, 120, box.hasEnded, box.log)
      })
      after(() => box.remove())

      test('answers health and readiness, refuses a stranger, can write /tmp and nothing else', async () => {
        assert.equal((await fetch(`${box.url}/_/health`)).status, 200)
        const call = await fetch(`${box.url}/no-such-thing`, { method: 'POST' })
        await call.text()
        assert.ok(call.status >= 400 && call.status < 500, `a stranger is refused, not ${call.status}`)
        const tried = box.node(`const fs = require('node:fs')
          const write = (place) => { try { fs.writeFileSync(place, 'x'); return 'written' } catch (error) { return error.code } }
          const status = fs.readFileSync('/proc/1/status', 'utf8')
          console.log(JSON.stringify({
            tmp: write('/tmp/a'), home: write('/home/app/a'), own: write('/home/app/functions/${spec.name}/handler.ts'),
            secrets: write('/var/openfaas/secrets/a'), uid: process.getuid(), rights: /CapEff:\\s*(\\S+)/.exec(status)[1],
            secret_names: fs.readdirSync('/var/openfaas/secrets').sort() }))`)
        const { rights, ...rest } = JSON.parse(tried)
        assert.equal(BigInt(`0x${rights}`), 0n)
        const shut = { home: 'EROFS', own: 'EROFS', secrets: 'EROFS' }
        const secret_names = spec.secrets.toSorted()
        assert.deepEqual(rest, { tmp: 'written', ...shut, uid: 1000, secret_names })
      })

      test('SIGTERM lets the call under way end, then it exits with 0', async () => {
        const call = await callOf(spec)
        const open = call && halfSent(box.url + call.path, call.headers)
        if (open) await wait(150)
        box.terminate()
        if (open) {
          await wait(250)
          assert.equal(box.hasEnded(), false, 'it waits for the call')
          open.rest.end('"x"}')
          const status = await open.status
          assert.ok(status >= 200 && status < 600, `answered ${status}`)
        }
        assert.equal(box.exitCode(), 0, box.log())
      })
    })
})
