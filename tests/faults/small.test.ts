/** The small edition of the fault campaign (`npm run test:faults -- --small`) in each `npm test`: minutes, mostly of waiting. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'

test('under kills, cut connections, a full queue and a full disk nothing is lost and nothing is there twice', async (t) => {
  const child = spawn(process.execPath, ['tests/faults/campaign.ts', '--small'], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.after(() => child.kill('SIGINT'))
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
    process.stdout.write(chunk)
  })
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  assert.equal(code, 0, said)
  assert.match(said, /\n\d+ uploads, \d+ kills, 0 lost, 0 twice\n$/)
})
