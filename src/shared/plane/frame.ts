import type { Points } from './geometry.ts'

/** What the picture of a GAN on the plane shows at one step. Layers that were not recorded are null. */
export interface PlaneFrame {
  /** Steps done. */
  step: number
  /** What the map holds: the probability of being real, or a score without bounds (of a critic, or of least squares). */
  output: MapOutput
  /** The map covers [−extent, extent]². */
  extent: number
  /** The discriminator's output at the middles of side × side squares, by rows from the smallest y, x fastest. */
  map: { side: number; values: Float32Array } | null
  /** Generated points [count, 2]. */
  fake: Points | null
  /** For each of them, the direction in which it lowers the generator's loss: −∂L/∂point of its own term of the loss. */
  arrows: Points | null
  /** A grid in noise space, carried along: rows × columns points. One row for 1-D noise. */
  manifold: { rows: number; columns: number; points: Points } | null
}

export const mapOutputs = ['probability', 'value'] as const
export type MapOutput = (typeof mapOutputs)[number]

const magic = 0x4650 // "PF" in the file's order of bytes
const version = 1
/** magic u16, version u8, output u8, step f64, extent f32, number of layers u8 */
const headerBytes = 17
/** tag u8, rows u16, columns u16, least f32, greatest f32 */
const layerBytes = 13
const tags = { map: 1, fake: 2, arrows: 3, manifold: 4 }

/** Finite numbers take −32766 … 32766. */
const levels = 32766
const codes = { nan: -32768, minusInfinity: -32767, plusInfinity: 32767 }

/**
 * A frame as bytes: little-endian, a header of 17 bytes, then 13 bytes and the numbers of each layer as int16 between the
 * layer's least and greatest finite number. A map of 30 × 30, 150 points with arrows and a manifold of 21 × 21 are 4.8 kB.
 *
 * A finite number comes back off by at most (greatest − least) / 131064: 1/65532 of the width of a plane that is filled,
 * a thousandth of a pixel. NaN and ±∞ come back as they are.
 * @throws RangeError if a layer has more than 65535 rows or columns, or its numbers don't fill them
 */
export function encodeFrame(frame: PlaneFrame): Uint8Array<ArrayBuffer> {
  const { map, fake, arrows, manifold } = frame
  const layers: [tag: number, rows: number, columns: number, values: Float32Array][] = []
  if (map) layers.push([tags.map, map.side, map.side, map.values])
  if (fake) layers.push([tags.fake, fake.length / 2, 2, fake])
  if (arrows) layers.push([tags.arrows, arrows.length / 2, 2, arrows])
  if (manifold) layers.push([tags.manifold, manifold.rows, 2 * manifold.columns, manifold.points])
  const length = layers.reduce((sum, [, , , values]) => sum + layerBytes + 2 * values.length, headerBytes)
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, magic, true)
  view.setUint8(2, version)
  view.setUint8(3, mapOutputs.indexOf(frame.output))
  view.setFloat64(4, frame.step, true)
  view.setFloat32(12, frame.extent, true)
  view.setUint8(16, layers.length)
  let at = headerBytes
  for (const [tag, rows, columns, values] of layers) {
    if (rows * columns !== values.length || Math.max(rows, columns) > 0xffff)
      throw new RangeError(`${values.length} numbers are no layer of ${rows} × ${columns}.`)
    at = writeLayer(view, at, tag, rows, columns, values)
  }
  return bytes
}

function writeLayer(
  view: DataView,
  at: number,
  tag: number,
  rows: number,
  columns: number,
  values: Float32Array,
): number {
  let [least, greatest] = [Infinity, -Infinity]
  for (const value of values)
    if (Number.isFinite(value)) {
      if (value < least) least = value
      if (value > greatest) greatest = value
    }
  if (least > greatest) [least, greatest] = [0, 0]
  view.setUint8(at, tag)
  view.setUint16(at + 1, rows, true)
  view.setUint16(at + 3, columns, true)
  view.setFloat32(at + 5, least, true)
  view.setFloat32(at + 9, greatest, true)
  at += layerBytes
  const scale = greatest > least ? (2 * levels) / (greatest - least) : 0
  for (const value of values) {
    view.setInt16(at, codeOf(value, least, scale), true)
    at += 2
  }
  return at
}

function codeOf(value: number, least: number, scale: number): number {
  if (Number.isNaN(value)) return codes.nan
  if (!Number.isFinite(value)) return value > 0 ? codes.plusInfinity : codes.minusInfinity
  return Math.round((value - least) * scale) - levels
}

/** @throws Error if the bytes are no frame, of a later version, or cut short */
export function decodeFrame(bytes: Uint8Array): PlaneFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < headerBytes || view.getUint16(0, true) !== magic)
    throw new Error('These bytes are no frame of a GAN on the plane.')
  if (view.getUint8(2) !== version)
    throw new Error(
      `The frame has format ${view.getUint8(2)}; this version of Atelier reads format ${version}. Update Atelier.`,
    )
  const frame: PlaneFrame = {
    step: view.getFloat64(4, true),
    output: mapOutputs[view.getUint8(3)] ?? 'value',
    extent: view.getFloat32(12, true),
    map: null,
    fake: null,
    arrows: null,
    manifold: null,
  }
  let at = headerBytes
  for (let left = view.getUint8(16); left > 0; left--) {
    if (at + layerBytes > bytes.length) throw cutShort(bytes.length)
    const [rows, columns] = [view.getUint16(at + 1, true), view.getUint16(at + 3, true)]
    const end = at + layerBytes + 2 * rows * columns
    if (end > bytes.length) throw cutShort(bytes.length)
    addLayer(frame, view.getUint8(at), rows, columns, readLayer(view, at, rows * columns))
    at = end
  }
  return frame
}

const cutShort = (length: number) => new Error(`The frame was cut short at ${length} bytes.`)

function readLayer(view: DataView, at: number, count: number): Float32Array {
  const [least, greatest] = [view.getFloat32(at + 5, true), view.getFloat32(at + 9, true)]
  const scale = (greatest - least) / (2 * levels)
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const code = view.getInt16(at + layerBytes + 2 * i, true)
    if (code === codes.nan) values[i] = NaN
    else if (code === codes.plusInfinity) values[i] = Infinity
    else if (code === codes.minusInfinity) values[i] = -Infinity
    else values[i] = least + (code + levels) * scale
  }
  return values
}

function addLayer(frame: PlaneFrame, tag: number, rows: number, columns: number, values: Float32Array): void {
  if (tag === tags.map) frame.map = { side: rows, values }
  else if (tag === tags.fake) frame.fake = values
  else if (tag === tags.arrows) frame.arrows = values
  else if (tag === tags.manifold) frame.manifold = { rows, columns: columns / 2, points: values }
}
