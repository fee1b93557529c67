/** The minute hand that all relative times share. On the server: the moment of rendering. */
import { createSubscriber } from 'svelte/reactivity'

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 30_000)
  return () => clearInterval(timer)
})

export const clock = {
  get now(): number {
    subscribe()
    return Date.now()
  }
}
