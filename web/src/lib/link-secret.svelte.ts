/** The secret of a link, from the address's fragment: it never reaches a server's log by itself (design §8.2). */

export class LinkSecret {
  secret = $state('')
  /** 'unknown' until the browser has looked. */
  state: 'unknown' | 'there' | 'missing' = $state('unknown')

  constructor() {
    $effect(() => {
      const found = location.hash.slice(1)
      this.secret = /^[A-Za-z0-9_-]{43}$/.test(found) ? found : ''
      this.state = this.secret ? 'there' : 'missing'
    })
  }
}
