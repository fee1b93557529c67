/** Keeps the end of the page and whatever has the focus from lying under a docked panel (WCAG 2.2, 2.4.11). */
export function keepRoom(panel: HTMLElement): () => void {
  const root = document.documentElement
  const observer = new ResizeObserver(() => {
    const room = `${Math.round(innerHeight - panel.getBoundingClientRect().top)}px`
    root.style.scrollPaddingBottom = room
    document.body.style.paddingBottom = room
  })
  observer.observe(panel)
  return () => {
    observer.disconnect()
    root.style.scrollPaddingBottom = ''
    document.body.style.paddingBottom = ''
  }
}
