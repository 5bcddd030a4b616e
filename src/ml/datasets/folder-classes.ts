import { printable } from './scan-folder.ts'
import type { FoundImage } from './scan-folder.ts'

/** Labels are one byte. */
const maxClasses = 256

export interface ClassOrder {
  /** The images in the order in which they are stored, each with its place in `names` (0 if there are no classes). */
  order: { image: FoundImage; label: number }[]
  /** Classes, sorted; empty if the folder has none. */
  names: string[]
}

/**
 * Tells images' classes by the sub-folders they lie in, and orders them. A chain of folders that all images share
 * (`pictures/train/cats/…`, `pictures/train/dogs/…`) does not count; a single sub-folder is a single class. There are
 * no classes if some image lies in no sub-folder, or there would be more than 256.
 *
 * Stored order: without classes by path; with classes the first of each class, then the second of each, and so on, so
 * that the first n images of a set (`limit`) hold its classes evenly.
 *
 * @param images sorted by path.
 */
export function inClassOrder(images: FoundImage[]): ClassOrder {
  const plain = { order: images.map((image) => ({ image, label: 0 })), names: [] }
  const folders = images.map(({ parts }) => parts.slice(0, -1).map((name) => name.toString('latin1')))
  const first = folders[0] ?? []
  let shared = first.length
  for (const folder of folders) {
    let depth = 0
    while (depth < shared && folder[depth] === first[depth]) depth++
    shared = depth
  }
  const level = folders.every((folder) => folder.length > shared) ? shared : shared - 1
  if (level < 0) return plain

  const classes = new Map<string, FoundImage[]>()
  images.forEach((image, i) => {
    const name = folders[i]![level]!
    const members = classes.get(name)
    if (members) members.push(image)
    else classes.set(name, [image])
  })
  if (classes.size > maxClasses) return plain
  const sorted = [...classes].sort(([a], [b]) => (a < b ? -1 : 1))
  const order: ClassOrder['order'] = []
  for (let round = 0; order.length < images.length; round++) {
    sorted.forEach(([, members], label) => {
      const image = members[round]
      if (image) order.push({ image, label })
    })
  }
  return { order, names: distinct(sorted.map(([, members]) => printable([members[0]!.parts[level]!]))) }
}

/** Different folders may look alike once their odd characters are replaced. */
function distinct(names: string[]): string[] {
  const seen = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let n = 2; seen.has(unique); n++) unique = `${name} (${n})`
    seen.add(unique)
    return unique
  })
}
