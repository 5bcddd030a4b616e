/** Where data lie on the screen: screen = (data − centre) × scale + middle of the canvas; y grows upwards in the data. */
export interface View {
  x: number
  y: number
  /** Pixels a unit. */
  scale: number
}
export interface Size {
  width: number
  height: number
}

/** The view that shows all points with a margin; both axes have one scale. @param xy [count, 2] */
export function viewOfAll(xy: Float32Array, { width, height }: Size, margin = 24): View {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let i = 0; i < xy.length; i += 2) {
    x0 = Math.min(x0, xy[i]!)
    x1 = Math.max(x1, xy[i]!)
    y0 = Math.min(y0, xy[i + 1]!)
    y1 = Math.max(y1, xy[i + 1]!)
  }
  if (!(x1 >= x0)) return { x: 0, y: 0, scale: 1 }
  const room = (space: number, extent: number) => Math.max(1, space - 2 * margin) / Math.max(extent, 1e-9)
  const scale = Math.min(room(width, x1 - x0), room(height, y1 - y0))
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, scale: Math.min(scale, 1e9) }
}

export const toScreen = (view: View, { width, height }: Size, x: number, y: number): [number, number] => [
  width / 2 + (x - view.x) * view.scale,
  height / 2 - (y - view.y) * view.scale,
]
export const toData = (view: View, { width, height }: Size, px: number, py: number): [number, number] => [
  view.x + (px - width / 2) / view.scale,
  view.y - (py - height / 2) / view.scale,
]

/** The view moved by pixels. */
export const panned = (view: View, dx: number, dy: number): View => ({
  ...view,
  x: view.x - dx / view.scale,
  y: view.y + dy / view.scale,
})

/** The view enlarged about a place on the screen, which stays where it is. */
export function zoomed(view: View, size: Size, factor: number, px: number, py: number, least: number): View {
  const scale = Math.min(least * 400, Math.max(least / 2, view.scale * factor))
  const [x, y] = toData(view, size, px, py)
  return { scale, x: x - (px - size.width / 2) / scale, y: y + (py - size.height / 2) / scale }
}

/** Points sorted into square buckets, so that the nearest one to the pointer is found without a look at all. */
export interface PointIndex {
  /** The nearest point within `radius` (in data units) of which `isShown` holds, or -1. */
  nearest(x: number, y: number, radius: number, isShown: (i: number) => boolean): number
}

export function pointIndex(xy: Float32Array): PointIndex {
  const count = xy.length / 2
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < xy.length; i += 2) {
    x0 = Math.min(x0, xy[i]!)
    x1 = Math.max(x1, xy[i]!)
    y0 = Math.min(y0, xy[i + 1]!)
    y1 = Math.max(y1, xy[i + 1]!)
  }
  const side = Math.max(1, Math.ceil(Math.sqrt(count / 4)))
  const cell = Math.max(x1 - x0, y1 - y0, 1e-12) / side
  const place = (v: number, from: number) => Math.min(side - 1, Math.max(0, Math.floor((v - from) / cell)))
  const bucketOf = (i: number) => place(xy[2 * i + 1]!, y0) * side + place(xy[2 * i]!, x0)
  const starts = new Int32Array(side * side + 1)
  for (let i = 0; i < count; i++) starts[bucketOf(i) + 1]!++
  for (let b = 0; b < side * side; b++) starts[b + 1]! += starts[b]!
  const members = new Int32Array(count)
  const next = starts.slice()
  for (let i = 0; i < count; i++) members[next[bucketOf(i)]!++] = i
  return {
    nearest(x, y, radius, isShown) {
      let [best, least] = [-1, radius * radius]
      for (let row = place(y - radius, y0); row <= place(y + radius, y0); row++)
        for (let column = place(x - radius, x0); column <= place(x + radius, x0); column++) {
          const b = row * side + column
          for (let m = starts[b]!; m < starts[b + 1]!; m++) {
            const i = members[m]!
            const d = (xy[2 * i]! - x) ** 2 + (xy[2 * i + 1]! - y) ** 2
            if (d <= least && isShown(i)) [best, least] = [i, d]
          }
        }
      return best
    },
  }
}

/** Radius of a point in CSS pixels: smaller where there are many, larger as one looks closer. */
export const pointRadius = (count: number, closer: number): number =>
  Math.min(7, (count > 5000 ? 1.9 : count > 1500 ? 2.4 : 3) * Math.max(1, closer ** 0.4))
