/**
 * Ten colours for classes that every kind of colour vision keeps apart: found by annealing for the largest least
 * difference (ΔE*ab, deuteranopia and protanopia after Machado et al. 2009), at least 2.5:1 against the ground. Any two
 * differ by more than 23 for dichromats and 43 for others.
 */
// prettier-ignore
const light = [
  '#537aef', '#f08a00', '#084340', '#974a8b', '#3bb4a3', '#9a1806', '#9daa5d', '#64009b', '#519ed2', '#986a5d',
]
// prettier-ignore
const dark = [
  '#4767f9', '#bc6e02', '#33e367', '#d325ad', '#10f0fa', '#d80849', '#dae637', '#d78ba4', '#64b0fd', '#e6eac3',
]
export const classColours = { light, dark } as const

/** Colour of a class; one that nobody knows (255) is grey. */
export const classColour = (label: number, theme: 'light' | 'dark'): string =>
  label === 255 ? (theme === 'dark' ? '#71717a' : '#a1a1aa') : classColours[theme][label % 10]!
