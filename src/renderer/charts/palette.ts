/**
 * Colours of series, after Okabe and Ito's (2008) set for every kind of colour vision: darkened for light ground and
 * lightened for dark ground so that each stands at least 3:1 against it (WCAG 2.2, 1.4.11), and moved apart until all
 * differ by more than ΔE*ab 11 (the first four by 20) for normal, deuteranopic and protanopic eyes alike.
 */
export const lightPalette = ['#0069b4', '#c14700', '#038259', '#b0538c', '#9b7c2e', '#1b8fc4', '#4a3aa8', '#4f5b66']
export const darkPalette = ['#54a7f5', '#ff8a4c', '#2fc79a', '#ed9cd4', '#f5d33d', '#9fe3ff', '#8a7bff', '#9ca3ab']

export const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [9, 3, 2, 3]]

export const colourOf = (slot: number, dark: boolean): string =>
  (dark ? darkPalette : lightPalette)[slot % lightPalette.length]!

export const dashOf = (round: number): readonly number[] => dashes[round % dashes.length]!

/**
 * Palette slots for keys such as run ids: each keeps the slot that it already has; a new one takes the first that
 * nobody holds, or that nobody on the same chart has, or shares once all are taken. So a run has one colour wherever
 * it is shown, and the first ones get the colours that differ most.
 */
export function allotSlots(keys: readonly string[], held: ReadonlyMap<string, number>): Map<string, number> {
  const slots = new Map<string, number>()
  const used = new Set<number>()
  const take = (key: string, slot: number) => {
    slots.set(key, slot)
    used.add(slot)
  }
  for (const key of keys) {
    const slot = held.get(key)
    if (slot !== undefined && !used.has(slot)) take(key, slot)
  }
  const all = lightPalette.map((_, slot) => slot)
  const everHeld = new Set(held.values())
  keys.forEach((key, i) => {
    if (slots.has(key)) return
    const free = all.filter((slot) => !used.has(slot))
    take(key, free.find((slot) => !everHeld.has(slot)) ?? free[0] ?? i % all.length)
  })
  return new Map(keys.map((key) => [key, slots.get(key)!]))
}

/** '#rrggbb' with an opacity, as canvas takes it. */
export function withAlpha(colour: string, alpha: number): string {
  const n = Number.parseInt(colour.slice(1), 16)
  return `rgba(${n >> 16}, ${(n >> 8) & 255}, ${n & 255}, ${alpha})`
}
