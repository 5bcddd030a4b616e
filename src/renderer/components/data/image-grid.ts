/** How many images of a size fit a space, and how large they are drawn. */
export interface Fit {
  columns: number
  rows: number
  /** Edge of a drawn image, in px; a whole multiple of its pixels, so that every pixel is as large as the next. */
  tile: number
}

export const GAP = 2
/** The API gives at most this many either way. */
const MOST = 32

/** @param zoom pixels of the screen for a pixel of the image, a whole number. */
export function fitGrid(width: number, height: number, image: number, zoom: number): Fit {
  const tile = image * zoom
  const room = (space: number) => Math.max(1, Math.min(MOST, Math.floor((space + GAP) / (tile + GAP))))
  return { columns: room(width), rows: room(height), tile }
}

/** Zoom steps that make sense for an image of this edge: from its own size to about 130 px. */
export function zoomsFor(image: number): number[] {
  return [1, 2, 3, 4].filter((zoom) => zoom === 1 || image * zoom <= 132)
}

/** "Sunset photos (2024)" → "sunset-photos-2024": a name that the import takes. */
export function nameFromFolder(folder: string): string {
  const last = folder.split(/[\\/]/).filter(Boolean).at(-1) ?? ''
  return last
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
}
