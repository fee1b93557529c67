/** People as the page lists them: the firm first, then each client, guests last. Pure. */
import type { Organisation, Person } from '#lib/contract.ts'

export type Group = {
  id: string
  name: string
  people: Person[]
  /** A client: people can be invited into it. */
  organisation: boolean
}

/** `sought`: every word has to be in the person's name, address or client. Without it clients without people stay. */
export function groupsOf(
  people: Person[],
  organisations: Organisation[],
  names: { firm: string; guests: string },
  sought: string
): Group[] {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = (person: Person, group: string) => {
    const text = `${person.name} ${person.email} ${group}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const staff = people.filter((person) => person.staff_role)
  const guests = people.filter((person) => !person.staff_role && person.organisations.length === 0)
  const groups: Group[] = [
    { id: 'firm', name: names.firm, people: staff, organisation: false },
    ...organisations.map(({ id, name }) => ({
      id,
      name,
      people: people.filter(
        (person) => !person.staff_role && person.organisations.some((one) => one.id === id)
      ),
      organisation: true
    })),
    { id: 'guests', name: names.guests, people: guests, organisation: false }
  ]
  return groups
    .map((group) => ({ ...group, people: group.people.filter((person) => fits(person, group.name)) }))
    .filter((group) => group.people.length > 0 || (group.organisation && words.length === 0))
}
