import type { PlaneFrame } from '../../../shared/plane/frame.ts'

/** Frames that show the same noise and networks of the same form, so that what is between them can be drawn. */
export function blendable(a: PlaneFrame, b: PlaneFrame): boolean {
  return (
    a.output === b.output &&
    a.extent === b.extent &&
    a.fake?.length === b.fake?.length &&
    a.map?.side === b.map?.side &&
    a.manifold?.rows === b.manifold?.rows &&
    a.manifold?.columns === b.manifold?.columns
  )
}

/** How far each layer is on its way from one frame to the next, 0 to 1. */
export interface Parts {
  map: number
  fake: number
  arrows: number
}
export const together = (part: number): Parts => ({ map: part, fake: part, arrows: part })

type Layer = 'map' | 'fake' | 'arrows' | 'manifold'

/**
 * Draws what lies between two frames: points, arrows, manifold and map on straight lines. Frames that can't be blended
 * change at once at the half. The arrays of what it returns are its own and written to again at the next call: sixty new
 * ones a second would be much to collect.
 */
export function createBlender(): (a: PlaneFrame, b: PlaneFrame | null, parts: Parts) => PlaneFrame {
  const buffers: Partial<Record<Layer, Float32Array>> = {}
  function mixed(layer: Layer, a: Float32Array, b: Float32Array, part: number): Float32Array {
    if (part <= 0 || a.length !== b.length) return a
    if (part >= 1) return b
    let out = buffers[layer]
    if (out?.length !== a.length) out = buffers[layer] = new Float32Array(a.length)
    for (let i = 0; i < a.length; i++) out[i] = a[i]! + part * (b[i]! - a[i]!)
    return out
  }
  return (a, b, parts) => {
    if (!b || a === b || (parts.map === 0 && parts.fake === 0 && parts.arrows === 0)) return a
    if (!blendable(a, b)) return parts.fake < 0.5 ? a : b
    const { map, fake, arrows, manifold } = a
    return {
      step: a.step + parts.fake * (b.step - a.step),
      output: a.output,
      extent: a.extent,
      map: map && b.map ? { side: map.side, values: mixed('map', map.values, b.map.values, parts.map) } : map,
      fake: fake && b.fake ? mixed('fake', fake, b.fake, parts.fake) : fake,
      arrows: arrows && b.arrows ? mixed('arrows', arrows, b.arrows, parts.arrows) : arrows,
      manifold:
        manifold && b.manifold
          ? { ...manifold, points: mixed('manifold', manifold.points, b.manifold.points, parts.fake) }
          : manifold,
    }
  }
}
