import { experimentKinds, needsOf, trainingKey } from '../../shared/experiments/index.ts'
import type { Need } from '../../shared/experiments/index.ts'
import { artifactNames } from '../../shared/results.ts'
import { activeStatuses } from '../../shared/run.ts'
import type { Problem, Run, RunStatus } from '../../shared/run.ts'
import type { Library, NewRun } from '../store/index.ts'

/** Statuses of a run that comes to its model by itself, if nobody stops it. */
const coming: readonly RunStatus[] = ['queued', 'starting', 'running']
/** Statuses of one that somebody or something has halted: there is work in it. */
const halted: readonly RunStatus[] = ['paused', 'stopped', 'interrupted']

const label = ({ id, name }: Run) => `run ${id} ("${name}")`

/** A kind that only another version knows is not started either; its worker says why. */
const needsOfRun = ({ kind, params }: Run): Need[] => (experimentKinds.has(kind) ? needsOf(kind, params) : [])

/**
 * Runs that build on the models of others: finds those in the library, or has them trained first, each model once
 * whatever number of runs need it. Which run it is stands in `inputs` of the one that needs it.
 */
export class Needs {
  private readonly library: Library

  constructor(library: Library) {
    this.library = library
  }

  /** Queues new runs, and before each what has to be trained for it; all of them or none. Returns their ids. */
  add(runs: NewRun[]): string[] {
    return this.library.batch(() => {
      const trained = new Trained(this.library)
      return runs.map((run) => {
        const { id } = this.library.createRun(run)
        this.look(id, trained)
        return id
      })
    })
  }

  /** The specs of runs as new runs, with what those were given; what they build on is looked for anew. */
  again(runs: Run[]): NewRun[] {
    return runs.map((run) => {
      const { id, kind, preset, params, tags } = run
      return { kind, preset, params, tags, restartOf: id, inputs: this.lasting(run), given: this.library.given(id) }
    })
  }

  /** Queues halted runs again, and before each what has to be trained for it. */
  resume(ids: string[]): void {
    this.library.batch(() => {
      const trained = new Trained(this.library)
      for (const id of ids) {
        this.library.updateRun(id, { status: 'queued', problem: null })
        this.look(id, trained)
      }
    })
  }

  /**
   * Goes through the queue: a run whose input has failed, was stopped or deleted fails with it, and says so.
   * @returns the runs that have to wait for others.
   */
  review(): ReadonlySet<string> {
    const waiting = new Set<string>()
    const trained = new Trained(this.library)
    for (const id of this.library.queue()) {
      const needs = needsOfRun(this.library.run(id)!)
      if (needs.length === 0) continue
      const known = this.library.run(id)!.inputs
      if (!needs.every(({ role }) => known.some((input) => input.role === role)))
        this.library.batch(() => this.look(id, trained))
      const { inputs } = this.library.run(id)!
      const states = inputs
        .filter(({ role }) => needs.some((need) => need.role === role))
        .map(({ runId }) => this.stateOf(runId))
      const problem = states.find((state) => typeof state === 'object')
      if (problem) this.library.updateRun(id, { status: 'failed', problem })
      else if (states.includes('waiting')) waiting.add(id)
    }
    return waiting
  }

  private stateOf(id: string): 'ready' | 'waiting' | Problem {
    const run = this.library.run(id)
    if (!run)
      return {
        message: `Run ${id}, whose model this run needs, was deleted.`,
        hint: 'Resume this run: it looks for another such run, or has one trained first.',
        detail: null,
      }
    const { status, problem } = run
    if (status !== 'done' && status !== 'failed' && status !== 'stopped' && status !== 'interrupted') return 'waiting'
    if (status === 'done' && this.hasModel(run)) return 'ready'
    const what = {
      done: 'ended without leaving one',
      failed: 'failed',
      stopped: 'was stopped',
      interrupted: 'was interrupted',
    }
    return {
      message: `${label(run).replace('run', 'Run')}, whose model this run needs, ${what[status]}.`,
      hint: halted.includes(status)
        ? 'Resume this run: that one is resumed first then.'
        : 'See what was wrong with that run and resume or restart it; then resume this one, which looks again.',
      detail: problem?.message ?? null,
    }
  }

  private hasModel({ id }: Run): boolean {
    return this.library.artifacts(id).some(({ name }) => name === artifactNames.model)
  }

  /** Inputs that don't come from needs: a model that was chosen to be loaded. */
  private lasting(run: Run): Run['inputs'] {
    const needs = needsOfRun(run)
    return run.inputs.filter(({ role }) => !needs.some((need) => need.role === role))
  }

  /** Finds a run for each need of a queued run, or makes one. In the caller's transaction. */
  private look(id: string, trained: Trained): void {
    const run = this.library.run(id)!
    const needs = needsOfRun(run)
    if (needs.length === 0) return
    const inputs = needs.map((need) => ({ role: need.role, runId: this.find(run, need, trained) }))
    this.library.updateRun(id, { inputs: [...this.lasting(run), ...inputs] })
  }

  private find(run: Run, need: Need, trained: Trained): string {
    const before = run.inputs.find(({ role }) => role === need.role)?.runId
    const same = trained.like(need)
    // The one that it has begun with, so that a resumed run goes on as it began.
    const done = same.filter((other) => other.status === 'done' && this.hasModel(other))
    const ready = done.find(({ id }) => id === before) ?? done[0]
    if (ready) return ready.id
    const under =
      same.find(({ status }) => coming.includes(status)) ?? same.find(({ status }) => activeStatuses.includes(status))
    if (under) return this.waitFor(run, under, '')
    const resumed = same.find(({ status }) => halted.includes(status))
    if (resumed) {
      this.library.updateRun(resumed.id, { status: 'queued', problem: null })
      this.library.note(resumed.id, 'info', `Resumed for ${label(run)}, which needs its model.`)
      this.putBefore(resumed.id, run.id)
      return this.waitFor(run, resumed, `, which was ${resumed.status} and is resumed for it`)
    }
    const { kind, params } = need
    const added = this.library.createRun({ kind, preset: null, params, tags: run.tags })
    this.library.note(added.id, 'info', `Queued for ${label(run)}, which needs its model.`)
    this.putBefore(added.id, run.id)
    trained.add(added.id, need)
    this.look(added.id, trained)
    return this.waitFor(run, added, ', which is trained for it')
  }

  private putBefore(id: string, later: string): void {
    const position = this.library.run(later)!.queuePosition
    const own = this.library.run(id)!.queuePosition
    if (position !== null && own !== null && own > position) this.library.moveInQueue(id, position)
  }

  private waitFor(run: Run, other: Run, why: string): string {
    this.library.note(run.id, 'info', `Waits for the model of ${label(other)}${why}.`)
    return other.id
  }
}

/** The runs of the library by what they train; read once, when first asked for, for as long as one look takes. */
class Trained {
  private readonly library: Library
  private readonly byKind = new Map<string, Map<string, string[]>>()

  constructor(library: Library) {
    this.library = library
  }

  /** Runs that train what is needed, newest first, as they are now. */
  like(need: Need): Run[] {
    const ids = this.of(need.kind).get(trainingKey(need.kind, need.params)) ?? []
    return ids.map((id) => this.library.run(id)).filter((run) => run !== null)
  }

  add(id: string, { kind, params }: Need): void {
    const key = trainingKey(kind, params)
    this.of(kind).set(key, [id, ...(this.of(kind).get(key) ?? [])])
  }

  private of(kind: string): Map<string, string[]> {
    let keys = this.byKind.get(kind)
    if (!keys) {
      this.byKind.set(kind, (keys = new Map()))
      for (const run of this.library.runs()) {
        if (run.kind !== kind) continue
        const key = trainingKey(kind, run.params)
        const ids = keys.get(key)
        if (ids) ids.push(run.id)
        else keys.set(key, [run.id])
      }
    }
    return keys
  }
}
