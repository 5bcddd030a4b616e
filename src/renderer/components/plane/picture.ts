import type { PlaneFrame } from '../../../shared/plane/frame.ts'
import type { Points } from '../../../shared/plane/geometry.ts'
import type { Scale } from './colour-scale.ts'
import type { IterationView } from './iteration.ts'
import type { Layers } from './layers.ts'
import {
  paintArrows,
  paintAxes,
  paintContours,
  paintFake,
  paintManifold,
  paintMap,
  paintReal,
  paintTrails,
} from './painting.ts'
import type { AxisLook, Box, MapImage } from './painting.ts'

/** All that one picture is painted from. */
export interface Picture {
  box: Box
  frame: PlaneFrame | null
  real: Points | null
  /** Oldest first, the points as they are now last. */
  trails: readonly Points[]
  layers: Layers
  /** The generator's noise is N(0, 1), not U(0, 1). */
  normalNoise: boolean
  scale: Scale
  gain: number
  table: Uint32Array
  mapImage: MapImage
  dark: boolean
  axes: AxisLook
  /** In slow motion: which part of the iteration is on, so that the other layers step back. */
  iteration: IterationView | null
}

type Context = CanvasRenderingContext2D

/** Draws a layer at full strength, or faintly while slow motion is about others. */
function emphasised(ctx: Context, picture: Picture, layer: 'map' | 'real' | 'fake' | 'arrows', draw: () => void): void {
  ctx.globalAlpha = !picture.iteration || picture.iteration.bright.includes(layer) ? 1 : 0.22
  draw()
  ctx.globalAlpha = 1
}

/** The discriminator's map and its contours, and the axes. */
export function paintGround(ctx: Context, picture: Picture): void {
  const { box, frame, layers, scale, table, mapImage, dark } = picture
  if (frame)
    emphasised(ctx, picture, 'map', () => {
      if (layers.map) paintMap(ctx, box, frame, scale, table, mapImage)
      if (layers.contours) paintContours(ctx, box, frame, scale, dark)
    })
  paintAxes(ctx, box, picture.axes)
}

export function paintRealLayer(ctx: Context, picture: Picture): void {
  const { box, real, layers, dark } = picture
  if (real && layers.real) emphasised(ctx, picture, 'real', () => paintReal(ctx, box, real, dark))
}

/** All that moves: manifold, trails, generated points and their gradients. */
export function paintTop(ctx: Context, picture: Picture): void {
  const { box, frame, layers, gain, dark, iteration } = picture
  if (!frame) return
  const { fake, arrows, manifold } = frame
  emphasised(ctx, picture, 'fake', () => {
    if (layers.manifold && manifold) paintManifold(ctx, box, manifold, picture.normalNoise, dark)
    if (layers.trails) paintTrails(ctx, box, picture.trails, dark)
  })
  if (fake && layers.fake) emphasised(ctx, picture, 'fake', () => paintFake(ctx, box, fake, dark))
  if (fake && arrows && layers.arrows && (!iteration || iteration.arrows))
    emphasised(ctx, picture, 'arrows', () => paintArrows(ctx, box, fake, arrows, gain, dark))
}

export function paintPicture(ctx: Context, picture: Picture): void {
  paintGround(ctx, picture)
  paintRealLayer(ctx, picture)
  paintTop(ctx, picture)
}
