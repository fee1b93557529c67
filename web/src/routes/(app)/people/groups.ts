/** People as the page lists them: the firm first, then each client, guests last. Pure. */
import type { Organisation, Person } from '#lib/contract.ts'

export type Group = {
  id: string
  name: string
  people: Person[]
  /** A client: people can be invited into it. */
  organisation: boolean
}

/**
 * Clients without people stay where nothing is sought, or their own name is.
 *
 * @param organisations may be fewer than the people's own: nobody is left out for that
 */
export function groupsOf(
  people: Person[],
  organisations: Organisation[],
  names: { firm: string; guests: string },
  sought: string
): Group[] {
  const staff = people.filter((person) => person.staff_role)
  const own = people.filter((person) => !person.staff_role).flatMap((person) => person.organisations)
  const clients = [...new Map([...organisations, ...own].map(({ id, name }) => [id, name]))]
  const guests = people.filter((person) => !person.staff_role && person.organisations.length === 0)
  const groups: Group[] = [
    { id: 'firm', name: names.firm, people: staff, organisation: false },
    ...clients.map(([id, name]) => ({
      id,
      name,
      people: people.filter(
        (person) => !person.staff_role && person.organisations.some((one) => one.id === id)
      ),
      organisation: true
    })),
    { id: 'guests', name: names.guests, people: guests, organisation: false }
  ]
  return groups.filter((group) => group.people.length > 0 || (group.organisation && isNamed(group, sought)))
}

const isNamed = ({ name }: Group, sought: string): boolean =>
  name.toLowerCase().includes(sought.toLowerCase())
