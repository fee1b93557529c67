/** What is blank, or shows as nothing, in any font: separators, controls, marks of direction, fillers, private letters. */
const BLANK = /[\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u115f\u1160\u2800\u3164\uffa0]+/gu

/** A line that is what it seems: runs of blanks become one space, and nothing at its ends (Unicode TR 36, 2.5 and 3.1). */
export const plainText = (text: string): string => text.normalize('NFC').replace(BLANK, ' ').trim()
