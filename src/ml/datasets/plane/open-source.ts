import { planeNames } from '../../../shared/plane/distributions.ts'
import type { PlaneName } from '../../../shared/plane/distributions.ts'
import { PlaneSetContent } from '../../../shared/plane/sets.ts'
import { drawnSource, namedSource, pointsSource } from './source.ts'
import type { PlaneSource } from './source.ts'

/**
 * The distribution that a run's parameter names.
 * @param name one of the named ones, or "set:ID"
 * @param readSet gives the text of the file that holds a set
 * @throws Error if there is no such distribution, or its file is damaged
 */
export function openPlaneSource(name: string, seed: number, readSet: (name: string) => string): PlaneSource {
  if ((planeNames as readonly string[]).includes(name)) return namedSource(name as PlaneName, seed)
  let content: PlaneSetContent
  try {
    content = PlaneSetContent.parse(JSON.parse(readSet(name)))
  } catch (error) {
    const names = planeNames.join(', ')
    throw new Error(`The distribution "${name}" can't be read; it must be one of ${names}, or a saved set.`, {
      cause: error,
    })
  }
  if (content.type === 'drawing') return drawnSource(content.drawing, seed)
  return pointsSource(Float32Array.from(content.set.points), seed)
}
