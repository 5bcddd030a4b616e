import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { projectRoot } from './paths.mjs'

/** Draws the window's icon as the square PNG of 1024 pixels that installers are made with. */
export async function stageIcon({ root = projectRoot, out }) {
  const { default: sharp } = await import('sharp')
  mkdirSync(path.dirname(out), { recursive: true })
  const transparent = { r: 0, g: 0, b: 0, alpha: 0 }
  await sharp(path.join(root, 'src/renderer/public/icon.svg'), { density: 1200 })
    .resize(1024, 1024, { fit: 'contain', background: transparent })
    .png()
    .toFile(out)
}
