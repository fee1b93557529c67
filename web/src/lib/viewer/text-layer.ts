/**
 * A page's words, transparent over its image, so that they can be selected, searched and read aloud. Styles are set as
 * properties: the pages' CSP allows no style attributes.
 */
import type { PageInfo, PageText } from '#lib/contract.ts'
import type { z } from 'zod'

type Words = z.infer<typeof PageText>['words']

let pen: CanvasRenderingContext2D | null = null

/** Width of `text` at a font size of 100 px. */
function widthOf(text: string, family: string): number {
  pen ??= document.createElement('canvas').getContext('2d')
  if (!pen) return 0
  pen.font = `100px ${family}`
  return pen.measureText(text).width
}

/**
 * Fills `layer` (which is a size container over the page) with words. Boxes are thousandths of the page; letters get
 * the box's height and are stretched to its width, so that a selection covers what is seen at any zoom.
 */
export function fillTextLayer(layer: HTMLElement, words: Words, page: PageInfo): void {
  const family = getComputedStyle(layer).fontFamily
  const ratio = page.width / page.height
  const fragment = document.createDocumentFragment()
  let line = words[0]
  for (const word of words) {
    if (line && Math.abs(word.y - line.y) > Math.max(word.h, line.h) / 2) {
      fragment.append(document.createElement('br'))
      line = word
    }
    const span = document.createElement('span')
    span.textContent = `${word.t} `
    span.style.left = `${word.x / 10}%`
    span.style.top = `${word.y / 10}%`
    span.style.fontSize = `${word.h / 10}cqh`
    const natural = widthOf(word.t, family)
    if (natural > 0 && word.h > 0)
      span.style.transform = `scaleX(${((word.w / word.h) * ratio * 100) / natural})`
    fragment.append(span)
  }
  layer.replaceChildren(fragment)
}
