/** The texts of the launch view. */
export const launchTexts = {}
