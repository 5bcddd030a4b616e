import { DatasetError, formatCount } from './errors.ts'

export interface IdxFile {
  /** Sizes of the dimensions: [count] for labels, [count, height, width] for images. */
  shape: number[]
  /** The values, row by row: a view on the file's bytes, not a copy. */
  data: Uint8Array
}

/**
 * Reads an IDX file of unsigned bytes: two zero bytes, the type (0x08), the number of dimensions, each dimension as a
 * big-endian 32-bit number, then the values. The format is described on the MNIST page of LeCun, Cortes and Burges.
 *
 * @param name is only used in messages.
 * @throws DatasetError if the file is not IDX, not of unsigned bytes, of another number of dimensions, or too short
 *   or too long for what its header promises.
 */
export function parseIdx(bytes: Uint8Array, dimensions: number, name: string): IdxFile {
  const header = 4 + 4 * dimensions
  const wrong = (what: string) =>
    new DatasetError(`${name} is damaged: ${what}`, { hint: 'Get the file again.', badInput: true })
  if (bytes.length < 4) throw wrong(`it holds ${bytes.length} bytes, too few for an IDX file.`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const magic = view.getUint32(0)
  if (magic >>> 8 !== 0x08) {
    throw wrong(`it begins with 0x${magic.toString(16).padStart(8, '0')}, so it is not an IDX file of unsigned bytes.`)
  }
  if ((magic & 0xff) !== dimensions) {
    throw wrong(`it has ${magic & 0xff} dimensions instead of ${dimensions}; are images and labels mixed up?`)
  }
  if (bytes.length < header) throw wrong(`it ends within its header of ${header} bytes.`)
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i))
  const length = shape.reduce((product, n) => product * n, 1)
  if (bytes.length - header !== length) {
    throw wrong(
      `its header promises ${shape.join(' × ')} = ${formatCount(length)} bytes of values, ` +
        `but it holds ${formatCount(bytes.length - header)}.`,
    )
  }
  return { shape, data: bytes.subarray(header) }
}
