import type { PlaneFrame } from '../../../shared/plane/frame.ts'

/** The discriminator's outputs that are shown in the colour for generated, in grey, and in the colour for real. */
export interface Scale {
  low: number
  middle: number
  high: number
}

/** How the outputs under a loss are to be read: as a probability, as scores with targets, or as a score without a zero. */
export type Reading = 'probability' | 'targets' | 'critic'

export const readingOf = (frame: Pick<PlaneFrame, 'output'>, loss: string): Reading =>
  frame.output === 'probability'
    ? 'probability'
    : loss === 'least-squares' || loss === 'hinge'
      ? 'targets'
      : loss.startsWith('wgan')
        ? 'critic'
        : 'targets'

/**
 * The scale that a frame is drawn with. Probabilities and scores that aim at targets have a fixed one, so that grey means
 * "undecided" and a map that turns grey has turned undecided. A critic's score has neither zero nor unit: its scale is the
 * range of its map in round numbers, kept while it fits, so that colours don't flicker.
 * @param previous what the frame before was drawn with
 */
export function scaleFor(frame: PlaneFrame, loss: string, previous: Scale | null = null): Scale {
  const reading = readingOf(frame, loss)
  if (reading === 'probability' || loss === 'least-squares') return { low: 0, middle: 0.5, high: 1 }
  if (reading === 'targets') return { low: -1, middle: 0, high: 1 }
  const range = finiteRange(frame.map?.values)
  if (!range) return previous ?? { low: -1, middle: 0, high: 1 }
  const half = Math.max((range.high - range.low) / 2, 1e-6)
  if (previous && fits(previous, range, half)) return previous
  const round = roundUp(half)
  const middle = Math.round((range.low + range.high) / 2 / (round / 5)) * (round / 5)
  return { low: middle - round, middle, high: middle + round }
}

/** Little sticks out of the scale, little of it is left unused, and the range lies about in its middle. */
function fits(scale: Scale, range: { low: number; high: number }, half: number): boolean {
  const held = (scale.high - scale.low) / 2
  const slack = held * 0.15
  const aside = Math.abs((range.low + range.high) / 2 - scale.middle)
  return range.low >= scale.low - slack && range.high <= scale.high + slack && half > held * 0.45 && aside < held * 0.35
}

/** 1, 2 or 5 times a power of ten, not below `value` > 0. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9)
  for (const m of [1, 2, 5]) if (m * power >= value * 0.999999) return m * power
  return 10 * power
}

export function finiteRange(values: ArrayLike<number> | undefined): { low: number; high: number } | null {
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < (values?.length ?? 0); i++) {
    const value = values![i]!
    if (!Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  return low <= high ? { low, high } : null
}

/** Where a value stands on the scale: −1 generated, 0 undecided, 1 real; clamped, NaN for NaN. */
export function positionOn({ low, middle, high }: Scale, value: number): number {
  const side = value < middle ? middle - low : high - middle
  return Math.max(-1, Math.min(1, (value - middle) / side))
}

type Rgb = readonly [r: number, g: number, b: number]

/**
 * Orange for generated, blue for real, grey between: two hues that protanopic, deuteranopic and tritanopic eyes tell
 * apart. Points are of the same hues, but much darker than the map on light ground and much lighter on dark.
 */
const looks = {
  light: {
    ends: [
      [242, 170, 106],
      [236, 236, 238],
      [126, 178, 228],
    ],
    real: '#0a4b85',
    fake: '#a83c00',
    halo: 'rgba(255, 255, 255, 0.9)',
    contour: 'rgba(39, 39, 42, 0.32)',
    boundary: 'rgba(24, 24, 27, 0.75)',
    manifold: [110, 60, 150],
    arrow: '#5b2100',
  },
  dark: {
    ends: [
      [136, 72, 18],
      [42, 42, 46],
      [24, 84, 138],
    ],
    real: '#8cc8ff',
    fake: '#ffb877',
    halo: 'rgba(9, 9, 11, 0.85)',
    contour: 'rgba(228, 228, 231, 0.28)',
    boundary: 'rgba(244, 244, 245, 0.75)',
    manifold: [206, 160, 255],
    arrow: '#ffe0c2',
  },
} satisfies Record<string, PlaneLook>

export interface PlaneLook {
  /** Of the map, at −1, 0 and 1. */
  ends: Rgb[]
  real: string
  fake: string
  /** Around points, so that they stand out from the map and from each other. */
  halo: string
  contour: string
  /** The contour of the undecided. */
  boundary: string
  manifold: Rgb
  arrow: string
}

export const lookOf = (dark: boolean): PlaneLook => (dark ? looks.dark : looks.light)

/** The map's colour at a position from −1 to 1. */
export function colourAt(position: number, dark: boolean): Rgb {
  const [generated, grey, real] = lookOf(dark).ends
  const end = position < 0 ? generated! : real!
  const part = Math.abs(position)
  return [0, 1, 2].map((i) => Math.round(grey![i]! + part * (end[i]! - grey![i]!))) as unknown as Rgb
}

const shades = 128

/** All colours of the map, 0 for what is not a number (which shows the ground), as ImageData takes them. */
export function colourTable(dark: boolean): Uint32Array {
  const table = new Uint32Array(2 * shades + 2)
  const bytes = new Uint8Array(table.buffer)
  for (let i = 0; i <= 2 * shades; i++) bytes.set([...colourAt(i / shades - 1, dark), 255], 4 * i)
  return table
}

export const tableIndex = (position: number): number =>
  Number.isNaN(position) ? 2 * shades + 1 : Math.round((position + 1) * shades)

/** The scale's bar from generated to real: places from 0 to 1 and their colours. */
export const scaleGradientStops = (dark: boolean): [at: number, colour: string][] =>
  [-1, 0, 1].map((p) => [(p + 1) / 2, `rgb(${colourAt(p, dark).join(', ')})`])

export const scaleGradient = (dark: boolean): string =>
  `linear-gradient(to right, ${scaleGradientStops(dark)
    .map(([, colour]) => colour)
    .join(', ')})`
