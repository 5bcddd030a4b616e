/** The texts of the data view. */
export const dataTexts = {}
