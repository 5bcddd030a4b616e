import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import os from 'node:os'
import sharp from 'sharp'
import { formatBytes, formatCount, messageOf } from './errors.ts'
import { createLimiter } from './limiter.ts'
import type { FoundImage } from './scan-folder.ts'
import { systemReason } from './scan-folder.ts'

/** Largest image that is decoded, in pixels; today's largest cameras make 102 million. A bomb declares far more. */
export const maxPixels = 120_000_000
/** Largest file that is read, in bytes. */
export const maxFileBytes = 256 * 2 ** 20
const maxSeconds = 60

// Only these readers: others (SVG with its links, PDF, ImageMagick) do more than decode pixels.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((reader) => `VipsForeignLoad${reader}`),
})
// Many images side by side use the cores better than many threads for one, and each is read only once.
sharp.concurrency(1)
sharp.cache(false)

const readable = 'PNG, JPEG, WebP, GIF, TIFF or AVIF'
export const decodersAtOnce = Math.max(2, os.availableParallelism() + 1)
const files = createLimiter(2 * maxFileBytes)
const pixels = createLimiter(maxPixels)

export interface DecodeOptions {
  /** Height and width of the result. */
  size: number
  colour: 'grey' | 'rgb'
}

/** Why an image could not be taken, in words for its owner. */
export class UnreadableImage extends Error {}

async function readImageFile(file: Buffer): Promise<Buffer> {
  // The file may have been exchanged since the scan: still no link is followed, no pipe waited for.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw new UnreadableImage('it is not a regular file')
    if (found.size === 0) throw new UnreadableImage('it is empty')
    if (found.size > maxFileBytes) {
      throw new UnreadableImage(`it has ${formatBytes(found.size)}; at most ${formatBytes(maxFileBytes)} are read`)
    }
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UnreadableImage) return error.message
  const message = messageOf(error).split('\n')[0]!.trim()
  if (/unsupported image format|operation is blocked|svg|corrupt header/i.test(message))
    return `it is not a ${readable} image`
  if (/timeout/i.test(message)) return `decoding it takes more than ${maxSeconds} seconds`
  return `it is damaged (${message.slice(0, 200)})`
}

async function decode(bytes: Buffer, { size, colour }: DecodeOptions): Promise<Uint8Array> {
  const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata()
  if (width * height > maxPixels) {
    throw new UnreadableImage(
      `it has ${formatCount(width)} × ${formatCount(height)} pixels; at most ${maxPixels / 1e6} million are read`,
    )
  }
  return await pixels(width * height, async () => {
    const { data, info } = await sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', autoOrient: true })
      .timeout({ seconds: maxSeconds })
      .flatten({ background: '#fff' })
      .resize(size, size, { fit: 'cover', position: 'centre' })
      .toColourspace(colour === 'grey' ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const channels = colour === 'grey' ? 1 : 3
    if (info.channels !== channels || data.length !== size * size * channels) {
      throw new UnreadableImage(`it has ${info.channels} colour channels where ${channels} were expected`)
    }
    return data
  })
}

/**
 * Decodes an image: turned upright by its EXIF orientation, transparency laid on white, its colour profile applied, the
 * middle square cut out and resized to size × size, as [size × size × 1 or 3] bytes. Of an animation, the first frame.
 *
 * @throws UnreadableImage with the reason.
 */
export async function decodeImage(image: FoundImage, options: DecodeOptions): Promise<Uint8Array> {
  try {
    return await files(
      Math.min(image.bytes, maxFileBytes),
      async () => await decode(await readImageFile(image.path), options),
    )
  } catch (error) {
    const system = error instanceof Error && 'syscall' in error
    throw new UnreadableImage(system ? systemReason(error) : reasonOf(error), { cause: error })
  }
}
