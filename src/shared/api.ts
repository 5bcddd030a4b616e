import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { Chart, ChartDelta } from './chart.ts'
import { Dataset, FolderImport, FolderPath } from './datasets.ts'
import { EngineInfo } from './engine.ts'
import { PlaneSet, PlaneSetContent } from './plane/sets.ts'
import { Artifact, Result } from './results.ts'
import { Change, Checkpoint, ImageGrid, LogLine, Run, Sample } from './run.ts'
import { LibrarySettings } from './settings.ts'
import { StudyDefinition } from './studies.ts'

/**
 * The API: one contract for the window (over a MessagePort in Electron, over a WebSocket in a browser) and the CLI.
 * Errors that a person can act on come as the typed errors below, with a message of what was wrong and what to do.
 */
const FieldErrors = z.object({ errors: z.array(z.object({ name: z.string(), message: z.string() })) })
const base = oc.errors({
  NOT_FOUND: {},
  BAD_INPUT: { data: FieldErrors },
  CONFLICT: {},
  LIBRARY: {},
})

const id = z.string().min(1).max(64)
const one = z.object({ id })
const many = z.object({ ids: z.array(id).min(1).max(10_000) })

export const LibraryInfo = z.object({
  path: z.string(),
  bytes: z.number(),
  runs: z.number().int(),
  schemaVersion: z.number().int(),
})
/** What `library.compact` gave back to the disk: of the database, and of files beside it. */
export const Compacted = z.object({ databaseBytes: z.number(), fileBytes: z.number(), freedBytes: z.number() })
export type Compacted = z.infer<typeof Compacted>

export const AppInfo = z.object({
  version: z.string(),
  library: LibraryInfo,
  engine: EngineInfo,
  /** Runs that train at a time. */
  slots: z.number().int(),
  platform: z.enum(['desktop', 'browser']),
})
export type AppInfo = z.infer<typeof AppInfo>

export const RunsChange = z.object({ changed: z.array(Run), removed: z.array(z.string()) })
export type RunsChange = z.infer<typeof RunsChange>

/** So long a removed run can be restored, if the bin isn't emptied before. */
export const BIN_MS = 30 * 24 * 3600_000
/** A removed run. `bytes`: what its samples, checkpoints, models and pictures take. */
export const BinnedRun = z.object({ run: Run, removedAt: z.number(), bytes: z.number() })
export type BinnedRun = z.infer<typeof BinnedRun>

export const FrameCount = z.object({ count: z.number().int(), lastStep: z.number().nullable() })

/** What has changed of one run since the watch began; each list holds only what is new. */
export const RunChange = z.object({
  run: Run.nullable(),
  samples: z.array(Sample),
  checkpoints: z.array(Checkpoint),
  /** Steps of checkpoints that need not be kept any more and are gone. */
  dropped: z.array(z.number()),
  results: z.array(Result),
  artifacts: z.array(Artifact),
  changes: z.array(Change),
  /** Pictures (frames) of the run: how many there are and the step of the newest; null where nothing has come. */
  frames: FrameCount.nullable(),
  log: z.array(LogLine),
  chart: ChartDelta.nullable(),
  removed: z.boolean(),
})
export type RunChange = z.infer<typeof RunChange>

/** A saved study, and how much of it the library has. */
export const Study = StudyDefinition.extend({
  id: z.string(),
  createdAt: z.number(),
  /** Runs that it has in all. */
  total: z.number().int(),
  /** The newest run of each spec that has one; a failed or stopped one is there only if there is no better. */
  runs: z.array(z.string()),
  /** Specs without a run, or whose only runs have failed or were stopped. */
  missing: z.number().int(),
})
export type Study = z.infer<typeof Study>

const rawParams = z.record(z.string(), z.unknown())

export const contract = {
  app: {
    info: base.output(AppInfo),
    settings: base.output(LibrarySettings),
    /** Those left out stay; runs that train already keep what held at their start. */
    changeSettings: base.input(LibrarySettings.partial()).output(LibrarySettings),
    setSlots: base.input(z.object({ slots: z.number().int().min(1).max(64) })).output(AppInfo),
  },
  library: {
    /**
     * Frees what the library needs no more. `full` also writes the database anew, which holds up everything else and needs
     * as much space again meanwhile.
     */
    compact: base.input(z.object({ full: z.boolean().default(false) })).output(Compacted),
  },
  runs: {
    list: base.output(z.array(Run)),
    /** First all runs, then what changes, at most a few times a second. */
    watch: base.output(eventIterator(RunsChange)),
    get: base.input(one).output(Run),
    /** Parameters left out are those of the preset, or the defaults. */
    launch: base
      .input(
        z.object({
          kind: z.string(),
          preset: z.string().nullable().default(null),
          params: rawParams.default({}),
          name: z.string().max(200).optional(),
          tags: z.array(z.string().min(1).max(60)).max(50).optional(),
        }),
      )
      .output(Run),
    pause: base.input(many).output(z.array(Run)),
    resume: base.input(many).output(z.array(Run)),
    /** By force, a worker is killed instead of saving a checkpoint: for one that hangs. */
    stop: base.input(many.extend({ force: z.boolean().default(false) })).output(z.array(Run)),
    /** The same spec as a new run. */
    restart: base.input(many).output(z.array(Run)),
    /** Puts runs into the bin, which frees nothing yet: `freedBytes` is 0. */
    remove: base.input(many).output(z.object({ removed: z.array(z.string()), freedBytes: z.number() })),
    /** What is in the bin, the last removed first. */
    bin: base.output(z.array(BinnedRun)),
    /** Takes runs out of the bin; those that had been queued come back stopped. @throws NOT_FOUND when one isn't in it */
    restore: base.input(many).output(z.array(Run)),
    /** Deletes these runs of the bin, or all, for good. @throws NOT_FOUND when one isn't in it */
    emptyBin: base
      .input(z.object({ ids: z.array(id).min(1).max(10_000).optional() }))
      .output(z.object({ deleted: z.array(z.string()), freedBytes: z.number() })),
    /** Moves a queued run to a place in the queue, from 1. */
    move: base.input(z.object({ id, position: z.number().int().min(1) })).output(z.array(Run)),
    edit: base
      .input(
        z.object({
          id,
          name: z.string().min(1).max(200).optional(),
          tags: z.array(z.string().min(1).max(60)).max(50).optional(),
          notes: z.string().max(100_000).optional(),
        }),
      )
      .output(Run),
    /** Everything of one run as it changes; `after` is the cursor of the chart that the caller has. */
    follow: base
      .input(z.object({ id, after: z.number().default(0), logAfter: z.number().default(-1) }))
      .output(eventIterator(RunChange)),
    /** Changes live parameters (`live` of its kind) of a run that trains, waits or is paused. */
    change: base.input(z.object({ id, params: rawParams })).output(Run),
    log: base
      .input(z.object({ id, after: z.number().default(-1), limit: z.number().int().min(1).max(10_000).default(1000) }))
      .output(z.array(LogLine)),
  },
  metrics: {
    names: base.input(one).output(z.array(z.string())),
    chart: base
      .input(
        z.object({
          id,
          names: z.array(z.string()).max(200).optional(),
          from: z.number().optional(),
          to: z.number().optional(),
          buckets: z.number().int().min(10).max(20_000).default(1000),
        }),
      )
      .output(Chart),
  },
  samples: {
    list: base.input(one).output(z.array(Sample)),
    /** The PNG of a grid by its hash. */
    image: base.input(z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) })).output(z.instanceof(Blob)),
  },
  checkpoints: {
    list: base.input(one).output(z.array(Checkpoint)),
    /**
     * Names a checkpoint, which is then kept for ever; null takes the name back.
     * @throws NOT_FOUND when there is none of that step, CONFLICT when another one of the run has that name
     */
    name: base
      .input(z.object({ id, step: z.number().int().min(0), name: z.string().trim().min(1).max(100).nullable() }))
      .output(Checkpoint),
    /** The safetensors file of a checkpoint. */
    download: base.input(z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) })).output(z.instanceof(Blob)),
  },
  results: {
    list: base.input(one).output(z.array(Result)),
  },
  artifacts: {
    list: base.input(one).output(z.array(Artifact)),
    download: base.input(z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) })).output(z.instanceof(Blob)),
  },
  frames: {
    /** The steps that have a picture, in order. */
    steps: base.input(one).output(z.array(z.number())),
    /**
     * Pictures with steps from `from` to `to`, at most `limit` of them and 8 MiB: u32 length | bytes, little-endian, one
     * after the other; the bytes are those of src/shared/plane/frame.ts.
     */
    get: base
      .input(
        z.object({
          id,
          from: z.number().int().min(0).default(0),
          to: z.number().int().min(0).optional(),
          limit: z.number().int().min(1).max(5000).default(1000),
        }),
      )
      .output(z.instanceof(Blob)),
  },
  /** Distributions on the plane of the user's own. */
  planeSets: {
    list: base.output(z.array(PlaneSet)),
    get: base.input(one).output(z.object({ set: PlaneSet, content: PlaneSetContent })),
    /** The same content again gets the new name. */
    save: base.input(z.object({ name: z.string().min(1).max(200), content: PlaneSetContent })).output(PlaneSet),
    /** Points from the text of a CSV file, brought into the plane. @throws BAD_INPUT that names the line */
    importCsv: base
      .input(z.object({ name: z.string().min(1).max(200), text: z.string().max(64 << 20) }))
      .output(PlaneSet),
    /** Forgets a set. @throws CONFLICT when a run that may still train names it */
    remove: base.input(one).output(z.array(PlaneSet)),
  },
  studies: {
    list: base.output(z.array(Study)),
    /** Saves a set of runs; one of the same name gets the new definition. Queues nothing. */
    save: base.input(StudyDefinition).output(Study),
    /**
     * Queues what is missing of a study, all of it checked first; `only` limits that to specs with these parameters, and
     * this `kind` if it names one (a cell of the results table). The new runs get the tags.
     */
    start: base
      .input(z.object({ id, only: rawParams.optional(), tags: z.array(z.string().min(1).max(60)).max(50).optional() }))
      .output(z.object({ study: Study, queued: z.array(Run) })),
    /** Forgets a study; its runs stay. */
    remove: base.input(one).output(z.array(Study)),
  },
  datasets: {
    list: base.output(z.array(Dataset)),
    watch: base.output(eventIterator(z.array(Dataset))),
    /** Starts getting or preparing a set; its progress comes through `watch`. */
    get: base.input(z.object({ id, directory: FolderPath.optional() })).output(Dataset),
    importFolder: base.input(FolderImport).output(Dataset),
    remove: base.input(one).output(z.array(Dataset)),
    /** A grid of images of a split: `offset` on, in file order, or a random choice by `seed`. */
    images: base
      .input(
        z.object({
          id,
          split: z.enum(['train', 'test']).default('train'),
          offset: z.number().int().min(0).default(0),
          seed: z.number().int().optional(),
          label: z.number().int().min(0).max(255).optional(),
          /** Just these images, by their places in the file; offset, seed and label are not looked at then. */
          indices: z.array(z.number().int().min(0)).max(1024).optional(),
          columns: z.number().int().min(1).max(32).default(8),
          rows: z.number().int().min(1).max(32).default(8),
        }),
      )
      .output(z.object({ grid: ImageGrid.omit({ hash: true }), png: z.instanceof(Blob), labels: z.array(z.number()) })),
  },
}
export type Contract = typeof contract
