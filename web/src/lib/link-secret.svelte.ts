/** The secret of a link, from the address's fragment: it never reaches a server's log by itself (design §8.2). */
import { secretIn } from './secret-in.ts'

export class LinkSecret {
  secret = $state('')
  /** 'unknown' until the browser has looked. */
  state: 'unknown' | 'there' | 'missing' = $state('unknown')

  constructor() {
    $effect(() => {
      this.secret = secretIn(location.hash)
      this.state = this.secret ? 'there' : 'missing'
    })
  }
}
