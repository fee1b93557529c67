/** Work that nobody waits for gives way: in its process, and among the sessions that Linux shares the processor among. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { getPriority } from 'node:os'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

const MODULE = new URL('../../functions/_shared/step-back.ts', import.meta.url).href

type Said = { priority: number; session: string; child: number }

/** What a process says of itself once it has stepped back; `detached`: in a session of its own. */
async function stepsBack(nice: number, detached = true): Promise<Said> {
  const script = `
    import { execFileSync } from 'node:child_process'
    import { existsSync, readFileSync } from 'node:fs'
    import { getPriority } from 'node:os'
    import { stepBack } from '${MODULE}'
    await stepBack(${nice})
    const child = execFileSync(process.execPath, ['-p', 'os.getPriority()'], { encoding: 'utf8' })
    const path = '/proc/self/autogroup'
    console.log(JSON.stringify({
      priority: getPriority(),
      session: existsSync(path) ? readFileSync(path, 'utf8').trim() : '',
      child: Number(child)
    }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { detached })
  return JSON.parse(await text(child.stdout))
}

test('it and what it starts have the nice value, and so has its session', async () => {
  // Several at once: the kernel takes one wish in a tenth of a second.
  for (const { priority, session, child } of await Promise.all([10, 10, 10].map((nice) => stepsBack(nice)))) {
    assert.equal(priority, Math.max(10, getPriority()))
    assert.equal(child, priority)
    if (existsSync('/proc/self/autogroup')) assert.match(session, /nice 10$/)
  }
})

test('without a wish nothing changes', async () => {
  const { priority, session } = await stepsBack(0)
  assert.equal(priority, getPriority())
  if (existsSync('/proc/self/autogroup')) assert.match(session, /nice 0$/)
})

test('in somebody else’s session it lowers itself alone', async () => {
  const before = await stepsBack(0, false)
  const { priority, session } = await stepsBack(10, false)
  assert.equal(priority, Math.max(10, getPriority()))
  assert.equal(session, before.session)
})
