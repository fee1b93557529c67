/** The look of one entry of a Menu, link or button. */
export const MENU_ITEM =
  'target flex w-full items-center gap-2 rounded-control px-3 text-start text-14 text-text no-underline hover:bg-selected'
