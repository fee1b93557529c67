/** The firm's name on doors. They stand even while the portal behind them is away: then without it. */
import type { RequestEvent } from '@sveltejs/kit'
import { DoorPlate } from '#lib/contract.ts'
import { send } from './gateway.ts'

export async function doorPlate(event: RequestEvent): Promise<string | undefined> {
  return (await wholePlate(event))?.name ?? undefined
}

/** Everything that stands on the door; null while the portal behind it is away. */
export async function wholePlate(event: RequestEvent): Promise<DoorPlate | null> {
  const plate = await send(event, 'GET', '/auth/firm', undefined, DoorPlate)
  return plate.ok ? plate.data : null
}
