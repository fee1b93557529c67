/**
 * `npm run guide`: the demo firm, photographed. Run by hand when pages changed; what it makes is committed.
 * `npm run guide help` or `npm run guide tour` make only that part.
 */
import { startStack } from '../../support/stack.ts'
import { launchBrowser } from '../support/browser.ts'
import { takePictures } from './pictures.ts'
import { writeTour } from './tour.ts'

const [part] = process.argv.slice(2)
const stack = await startStack()
const browser = await launchBrowser()
try {
  // The tour first: it changes the demo firm's day, and its pictures want German.
  if (part !== 'help') await writeTour(browser, stack, 'docs/guide')
  if (part !== 'tour') await takePictures(browser, stack, 'docs/help/pictures')
} finally {
  await browser.close()
  await stack.stop()
}
