/** Pages of black on white are told from pages with colours, and become one channel and a thumbnail. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greyOf } from '../../functions/preview/grey.ts'

const WIDTH = 320
const HEIGHT = 96

/** A page of one colour but for some pixels. */
function page(paper: number[], pixels: [x: number, y: number, colour: number[]][] = []): Buffer {
  const rgb = Buffer.from(Array.from({ length: WIDTH * HEIGHT }, () => paper).flat())
  for (const [x, y, colour] of pixels) rgb.set(colour, (y * WIDTH + x) * 3)
  return rgb
}

const WHITE = [255, 255, 255]

test('grey pixels keep their value wherever they lie, and the thumbnail is the mean', () => {
  const drawn = Array.from({ length: 400 }, (_, no): [number, number, number[]] => {
    const value = (no * 7) % 255
    return [(no * 31) % WIDTH, (no * 17) % HEIGHT, [value, value, value]]
  })
  const rgb = page(WHITE, drawn)
  const found = greyOf(rgb, WIDTH, HEIGHT)
  assert.ok(found)
  const expected = Buffer.from(Array.from({ length: WIDTH * HEIGHT }, (_, at) => rgb[at * 3] ?? 0))
  assert.ok(found.page.pixels.equals(expected))
  const { width, height, pixels } = found.thumbnail
  assert.deepEqual([width, height, pixels.length], [160, 48, 160 * 48])
  for (const [cell, mean] of pixels.entries()) {
    const at = Math.floor(cell / 160) * 2 * WIDTH + (cell % 160) * 2
    const four = [at, at + 1, at + WIDTH, at + WIDTH + 1].map((one) => expected[one] ?? 0)
    assert.ok(Math.abs(mean - four.reduce((sum, one) => sum + one, 0) / 4) <= 0.5, `cell ${cell}`)
  }
})

test('black of four inks and its edges count as grey', () => {
  const edges = [0, 0.2, 0.5, 0.9].map((white, no): [number, number, number[]] => [
    no * 40 + no,
    no,
    [35, 31, 32].map((ink) => Math.round(ink + (255 - ink) * white))
  ])
  assert.ok(greyOf(page(WHITE, edges), WIDTH, HEIGHT))
})

for (const [name, colour] of Object.entries({
  red: [255, 0, 0],
  'a dark blue': [20, 20, 60],
  'a pale yellow': [255, 255, 250],
  'a pale green': [250, 255, 250]
}))
  test(`one pixel of ${name} makes a page one with colours, in each of four places`, () => {
    for (const x of [100, 101, 102, 103])
      assert.equal(greyOf(page(WHITE, [[x, 50, colour]]), WIDTH, HEIGHT), null)
  })

test('a coloured paper is one with colours', () => {
  assert.equal(greyOf(page([253, 251, 245]), WIDTH, HEIGHT), null)
})

test('a width that is no multiple of four is left as it is', () => {
  assert.equal(greyOf(Buffer.alloc(10 * 10 * 3, 255), 10, 10), null)
})

test('a smaller page after a larger one has no pixel of it', () => {
  assert.ok(greyOf(page([0, 0, 0]), WIDTH, HEIGHT))
  const found = greyOf(page(WHITE).subarray(0, WIDTH * 48 * 3), WIDTH, 48)
  assert.ok(found?.page.pixels.every((value) => value === 255))
})
