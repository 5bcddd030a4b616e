import { shallowRef } from 'vue'
import type { Points } from '../../../shared/plane/geometry.ts'
import type { Run } from '../../../shared/run.ts'
import { messageOf } from '../../api.ts'
import { fileName, saveFile } from '../../charts/export.ts'
import { formatStep, formatTick } from '../../charts/formats.ts'
import type { Recording } from '../../stores/plane-frames.ts'
import { planeTexts as texts } from '../../texts/plane.ts'
import { useToast } from '../../ui.ts'
import { gainFor } from './arrows.ts'
import { readingOf, scaleFor } from './colour-scale.ts'
import { chosenFrames } from './gif-encoding.ts'
import type { FromGifWorker, ToGifWorker } from './gif-worker.ts'
import type { Picture } from './picture.ts'
import { paintPoster, posterHeight } from './poster.ts'
import type { PosterLook, PosterWords } from './poster.ts'
import { paramsAt, pointsJson } from './points-json.ts'

export interface ExportSource {
  run: Run
  recording: Recording
  real: Points | null
  /** The picture as it is on the screen. */
  scene: () => Picture
  look: () => PosterLook
}

const gifSide = 420
const gifFrames = 120
const gifFps = 15

/** Saves what the picture shows: as a picture, its whole recording as an animation, its points as numbers. */
export function useExports(source: () => ExportSource) {
  const toast = useToast()
  /** Share of the GIF that is done; null while none is made. */
  const progress = shallowRef<number | null>(null)
  let worker: Worker | null = null

  const failed = (error: unknown) =>
    toast.add({ title: texts.export.failed, description: messageOf(error), color: 'error', icon: 'i-lucide-circle-x' })
  const save = (name: string, content: Blob) => {
    saveFile(name, content)
    toast.add({ title: texts.export.saved(name), icon: 'i-lucide-circle-check', color: 'success' })
  }

  function words(scene: Omit<Picture, 'box'>): PosterWords {
    const { run, recording } = source()
    const step = scene.frame?.step ?? 0
    const params = paramsAt(run, recording.followed.changes, step)
    const loss = String(params.loss)
    const legend = texts.legend[scene.frame ? readingOf(scene.frame, loss) : 'probability']
    const { low, middle, high } = scene.scale
    const names = texts.layers.names
    return {
      title: run.name,
      subtitle: `${texts.play.step} ${formatStep(Math.round(step))} · ${texts.form.losses[loss] ?? loss} · ${String(params.distribution)} · ${String(params.width)} × ${String(params.layers)} · seed ${String(params.seed)}`,
      scaleTitle: legend.title,
      scaleWords: [legend.low, legend.middle, legend.high],
      scaleTicks: [low, middle, high].map((v) => formatTick(Number(v.toPrecision(3)))),
      layers: { real: names.real, fake: names.fake, arrows: names.arrows, manifold: names.manifold },
    }
  }
  function canvasOf(side: number, ratio: number) {
    const canvas = document.createElement('canvas')
    canvas.width = side * ratio
    canvas.height = posterHeight(side) * ratio
    const ctx = canvas.getContext('2d', { willReadFrequently: ratio === 1 })
    if (!ctx) throw new Error('The browser gives no canvas to draw the picture on. Close other tabs and try again.')
    ctx.scale(ratio, ratio)
    return { canvas, ctx }
  }

  async function png(): Promise<void> {
    try {
      const { run, scene, look } = source()
      const now = scene()
      const { canvas, ctx } = canvasOf(720, 2)
      paintPoster(ctx, 720, now, words(now), look())
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
      if (!blob) throw new Error('The picture could not be encoded.')
      save(fileName([run.name, `step ${Math.round(now.frame?.step ?? 0)}`], 'png'), blob)
    } catch (error) {
      failed(error)
    }
  }

  function json(): void {
    const { run, recording, real, scene } = source()
    const { frame } = scene()
    if (!frame) return
    const text = pointsJson(run, recording.followed.changes, frame, real)
    save(fileName([run.name, `step ${Math.round(frame.step)}`], 'json'), new Blob([text], { type: 'application/json' }))
  }

  /** Frames are drawn here, one at a time and only when the worker has taken the last, and encoded there. */
  async function gif(): Promise<void> {
    if (progress.value !== null) return
    const { run, recording, scene, look } = source()
    const { cache } = recording
    progress.value = 0
    try {
      const { canvas, ctx } = canvasOf(gifSide, 1)
      const made = (worker = new Worker(new URL('./gif-worker.ts', import.meta.url), { type: 'module' }))
      const answer = () =>
        new Promise<FromGifWorker>((resolve, reject) => {
          made.onmessage = ({ data }: MessageEvent<FromGifWorker>) => resolve(data)
          made.onerror = (event) => reject(new Error(event.message || 'The encoder of GIFs could not be started.'))
        })
      const send = (message: ToGifWorker, transfer: Transferable[] = []) => made.postMessage(message, transfer)
      send({ type: 'start', options: { width: canvas.width, height: canvas.height, delay: 1000 / gifFps } })
      const base = { ...scene(), iteration: null, trails: [] }
      let [scale, gain]: [Picture['scale'] | null, number | null] = [null, null]
      const chosen = chosenFrames(cache.steps.length, gifFrames, gifFps)
      for (const [i, index] of chosen.entries()) {
        const frame = await frameAt(recording, index)
        if (worker !== made) return
        if (!frame) continue
        scale = scaleFor(frame, String(paramsAt(run, recording.followed.changes, frame.step).loss), scale)
        gain = frame.arrows ? gainFor(frame.arrows, gain) : gain
        const now = { ...base, frame, scale, gain: gain ?? base.gain }
        paintPoster(ctx, gifSide, now, words(now), look())
        const { data } = ctx.getImageData(0, 0, canvas.width, canvas.height)
        const added = answer()
        send({ type: 'frame', rgba: data as Uint8ClampedArray<ArrayBuffer> }, [data.buffer])
        await added
        progress.value = (i + 1) / chosen.length
      }
      const done = answer()
      send({ type: 'finish' })
      const last = await done
      if (last.type === 'done') save(fileName([run.name], 'gif'), new Blob([last.bytes], { type: 'image/gif' }))
    } catch (error) {
      if (worker) failed(error)
    } finally {
      cancel()
    }
  }
  function cancel() {
    worker?.terminate()
    worker = null
    progress.value = null
  }

  return { progress, png, gif, json, cancel }
}

/** A frame, fetched if need be. */
async function frameAt({ cache }: Recording, index: number) {
  for (let tries = 0; tries < 200; tries++) {
    const frame = cache.at(index)
    if (frame) return frame
    cache.want(index)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('Pictures of this run could not be fetched. Check the connection and try again.')
}
