import { sampleTexts } from './texts.ts'
import type { ImageGrid } from '../../../shared/run.ts'

/** Where a tile lies in its grid's PNG, in pixels. */
export interface Crop {
  x: number
  y: number
  width: number
  height: number
}

export function cropOf(grid: Omit<ImageGrid, 'hash'>, tile: number): Crop {
  return {
    x: (tile % grid.columns) * grid.tileWidth,
    y: Math.floor(tile / grid.columns) * grid.tileHeight,
    width: grid.tileWidth,
    height: grid.tileHeight,
  }
}

/** Tiles of the square corner that is shown: `side` columns and as many rows, or all there are. In reading order. */
export function shownTiles(
  grid: Omit<ImageGrid, 'hash'>,
  side: number,
): { columns: number; rows: number; tiles: number[] } {
  const columns = Math.min(grid.columns, Math.max(1, side))
  const rows = Math.min(grid.rows, Math.max(1, side))
  const tiles: number[] = []
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) tiles.push(r * grid.columns + c)
  return { columns, rows, tiles }
}

/** The sides that the size control offers: powers of two below the grid's own, and that. */
export function gridSides(grid: Omit<ImageGrid, 'hash'>): number[] {
  const most = Math.max(grid.columns, grid.rows)
  const sides: number[] = []
  for (let s = 1; s < most; s *= 2) sides.push(s)
  return [...sides, most]
}

/** Gap between tiles, in pixels of the images. */
export const GAP = 1

/** Size of the shown tiles with the gaps between them, in pixels of the images. */
export const naturalSize = (grid: Omit<ImageGrid, 'hash'>, columns: number, rows: number) => ({
  width: columns * grid.tileWidth + (columns - 1) * GAP,
  height: rows * grid.tileHeight + (rows - 1) * GAP,
})

/**
 * CSS size of the grid for the room there is: a whole number of device pixels per image pixel where that wastes at most
 * a seventh of the room, so that all pixels look alike; else all of the room.
 */
export function fittedScale(natural: number, room: number, deviceRatio: number): number {
  const exact = (room * deviceRatio) / natural
  const whole = Math.floor(exact)
  return (whole >= 1 && whole / exact > 6 / 7 ? whole : Math.max(exact, 0.1)) / deviceRatio
}

/** The tile that an arrow key leads to, staying within the grid. */
export function neighbour(index: number, key: string, columns: number, count: number): number | null {
  const to = {
    ArrowLeft: index % columns === 0 ? index : index - 1,
    ArrowRight: index % columns === columns - 1 ? index : index + 1,
    ArrowUp: index - columns,
    ArrowDown: index + columns,
    Home: 0,
    End: count - 1,
  }[key]
  if (to === undefined) return null
  return to < 0 || to >= count ? index : to
}

/** The sides of a grid as choices. */
export const sideOptions = (sides: readonly number[]) =>
  sides.map((value) => ({ value, label: `${value}²`, title: sampleTexts.tilesHelp(value) }))
