export interface Window {
  from: number
  to: number
}

/** Items [from, to) of equal size that are in view, with some to spare on both sides. */
export function windowOf(scroll: number, room: number, size: number, count: number, spare = 8): Window {
  const from = Math.max(0, Math.min(count, Math.floor(scroll / size)) - spare)
  const to = Math.min(count, Math.ceil((scroll + Math.max(room, size)) / size) + spare)
  return { from, to: Math.max(from, to) }
}
