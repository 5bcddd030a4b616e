/** A tensor's numbers outside the engine: what checkpoints and saved models hold. */
export interface StoredArray {
  shape: number[]
  data: Float32Array | Int32Array
}
export type StoredState = Record<string, StoredArray>

/**
 * The safetensors format: u64 length of the header, little-endian | JSON header | the arrays' bytes. Chosen because
 * Python reads a checkpoint with `safetensors.numpy.load_file` and nothing of ours.
 */
const HEADER_LENGTH = 8
const MAX_HEADER = 1 << 24

interface Entry {
  dtype: string
  shape: number[]
  data_offsets: [number, number]
}

/** Encodes arrays and texts about them. Keys are written in their order. */
export function encodeSafetensors(state: StoredState, metadata: Record<string, string>): Uint8Array {
  let end = 0
  const header: Record<string, Entry | Record<string, string>> = { __metadata__: metadata }
  for (const [name, { shape, data }] of Object.entries(state)) {
    const dtype = data instanceof Int32Array ? 'I32' : 'F32'
    header[name] = { dtype, shape, data_offsets: [end, (end += data.byteLength)] }
  }
  // Padding the header with spaces to a multiple of 8, as the format allows, aligns the arrays.
  const encoder = new TextEncoder()
  const json = JSON.stringify(header)
  const text = encoder.encode(json + ' '.repeat(-encoder.encode(json).length & 7))
  const file = new Uint8Array(HEADER_LENGTH + text.length + end)
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true)
  file.set(text, HEADER_LENGTH)
  let at = HEADER_LENGTH + text.length
  for (const { data } of Object.values(state)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return file
}

/**
 * Decodes what `encodeSafetensors` wrote, or any safetensors file of F32 and I32 arrays.
 * @throws Error that says what is wrong with the file
 */
export function decodeSafetensors(file: Uint8Array): { state: StoredState; metadata: Record<string, string> } {
  const wrong = (what: string) => new Error(`The file is damaged or not a safetensors file: ${what}.`)
  if (file.length < HEADER_LENGTH) throw wrong(`it has only ${file.length} bytes`)
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const length = Number(view.getBigUint64(0, true))
  if (length < 2 || length > MAX_HEADER || HEADER_LENGTH + length > file.length) throw wrong('its header is cut off')
  let header: Record<string, Entry> & { __metadata__?: Record<string, string> }
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + length)))
  } catch {
    throw wrong('its header is not JSON')
  }
  const { __metadata__: metadata = {}, ...entries } = header
  const start = HEADER_LENGTH + length
  const state: StoredState = {}
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: offsets } = entry
    const whole = Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n >= 0) && Array.isArray(offsets)
    if (!whole) throw wrong(`'${name}' is not described`)
    const [from, to] = offsets
    const count = shape.reduce((n, d) => n * d, 1)
    if (from < 0 || to - from !== 4 * count || start + to > file.length) throw wrong(`'${name}' is cut off`)
    if (dtype !== 'F32' && dtype !== 'I32') throw wrong(`'${name}' has the type ${dtype}; only F32 and I32 are read`)
    const bytes = Uint8Array.from(file.subarray(start + from, start + to)) // a copy, aligned; Buffer.slice is none
    state[name] = { shape, data: dtype === 'I32' ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer) }
  }
  return { state, metadata }
}
