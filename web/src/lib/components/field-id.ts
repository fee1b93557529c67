/** The id of a field's input: what the error summary links to. */
export const fieldId = (name: string, form = ''): string => `field-${form}${form && '-'}${name}`
