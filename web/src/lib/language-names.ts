/** Each language in its own words. */
export const LANGUAGES = [
  { value: 'de', name: 'Deutsch', lang: 'de' },
  { value: 'en', name: 'English', lang: 'en' },
  { value: 'sv', name: 'Svenska', lang: 'sv' }
] as const
