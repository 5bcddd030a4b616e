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
 * Decodes what `encodeSafetensors` wrote, or any safetensors file of F32 and I32 arrays. The file may come from anywhere: it
 * never takes more memory than it has bytes, and names of arrays are only names.
 * @throws Error that says what is wrong with the file
 */
export function decodeSafetensors(file: Uint8Array): { state: StoredState; metadata: Record<string, string> } {
  const { entries, metadata, start } = readHeader(file)
  const arrays = Object.entries(entries).map(([name, entry]) => ({ name, ...checkedEntry(name, entry) }))
  let end = 0
  for (const { name, from, to } of arrays.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from < end) throw wrong(`'${name}' overlaps with another array`)
    if (start + to > file.length) throw wrong(`'${name}' is cut off`)
    end = to
  }
  const state = Object.fromEntries(
    arrays.map(({ name, dtype, shape, from, to }): [string, StoredArray] => {
      const { buffer } = Uint8Array.from(file.subarray(start + from, start + to)) // a copy, aligned; Buffer.slice is none
      return [name, { shape, data: dtype === 'I32' ? new Int32Array(buffer) : new Float32Array(buffer) }]
    }),
  )
  return { state, metadata }
}

const wrong = (what: string) => new Error(`The file is damaged or not a safetensors file: ${what}.`)
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** @returns the header's entries, still unchecked, and where the arrays' bytes begin */
function readHeader(file: Uint8Array) {
  if (file.length < HEADER_LENGTH) throw wrong(`it has only ${file.length} bytes`)
  const length = Number(new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true))
  if (length < 2 || length > MAX_HEADER || HEADER_LENGTH + length > file.length) throw wrong('its header is cut off')
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + length)))
  } catch {
    throw wrong('its header is not JSON')
  }
  if (!isObject(header)) throw wrong('its header is not an object')
  const { __metadata__: metadata = {}, ...entries } = header
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    throw wrong('its metadata are not texts by name')
  return { entries, metadata: metadata as Record<string, string>, start: HEADER_LENGTH + length }
}

function checkedEntry(name: string, entry: unknown) {
  if (!isObject(entry)) throw wrong(`'${name}' is not described`)
  const { dtype, shape, data_offsets: offsets } = entry
  const isWhole = Array.isArray(shape) && shape.every(isCount) && Array.isArray(offsets) && offsets.every(isCount)
  if (!isWhole || offsets.length !== 2) throw wrong(`'${name}' is not described`)
  if (dtype !== 'F32' && dtype !== 'I32')
    throw wrong(`'${name}' has the type ${String(dtype).slice(0, 20)}; only F32 and I32 are read`)
  const [from, to] = offsets as [number, number]
  if (to - from !== 4 * shape.reduce((n, d) => n * d, 1)) throw wrong(`'${name}' has another size than its shape`)
  return { dtype, shape: shape as number[], from, to } as const
}
