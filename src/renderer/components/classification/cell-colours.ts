/**
 * Colours of a confusion matrix: blue on the diagonal and orange beside it, the pair that every kind of colour vision
 * keeps apart; the share of the row is the strength. The square root lifts mistakes of a percent or two into sight.
 */
const grounds = { light: [255, 255, 255], dark: [9, 9, 11] } as const
const right = { light: [0, 105, 180], dark: [84, 167, 245] } as const
const wrong = { light: [193, 71, 0], dark: [255, 138, 76] } as const

export interface CellColours {
  background: string
  /** Colour of the number on it: black or white, whichever stands out more (at least 4.58:1). */
  ink: string
}

/** @param share of the row's images, 0 to 1 */
export function cellColours(share: number, diagonal: boolean, theme: 'light' | 'dark'): CellColours {
  const strength = share <= 0 ? 0 : 0.08 + 0.92 * Math.sqrt(Math.min(1, share))
  const full = (diagonal ? right : wrong)[theme]
  const mixed = grounds[theme].map((g, i) => Math.round(g + (full[i]! - g) * strength))
  const light = luminance(mixed)
  const ink = (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? '#000000' : '#ffffff'
  return { background: `rgb(${mixed.join(' ')})`, ink }
}

/** Relative luminance of an sRGB colour (WCAG 2.2). */
export function luminance(rgb: readonly number[]): number {
  const [r, g, b] = rgb.map((v) => {
    const c = v / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
