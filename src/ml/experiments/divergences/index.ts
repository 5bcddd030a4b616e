import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { DivergencesParams } from '../../../shared/experiments/divergences.ts'
import { openPlaneSource } from '../../datasets/plane/open-source.ts'
import { Checkpoints } from '../../run/checkpoints.ts'
import type { Outcome, RunContext } from '../../run/context.ts'
import { FiniteWatch } from '../../run/finite.ts'
import type { Divergence } from '../../run/finite.ts'
import { Pace } from '../../run/pace.ts'
import { Findings, descentKinds } from './findings.ts'
import { thetaValues } from './pair.ts'
import type { Pair } from './pair.ts'
import { work } from './work.ts'

const tellEveryMs = 500
/** Of a long sweep, so many results and checkpoints are written: each holds all before it. */
const recordings = 50
/** And besides after so long, in the middle of a θ: one may take hours. */
const checkpointEvery = '1 minute'

/**
 * Sweeps θ: the exact divergences everywhere, then at each θ what samples and trained networks say of them, then points
 * that learn. A step is a θ, and then one such point; the result grows with every step.
 */
export async function trainDivergences(run: RunContext, params: DivergencesParams): Promise<Outcome> {
  const { log, spec } = run
  const open = (name: string) =>
    openPlaneSource(name, params.seed, (file) => readFileSync(path.join(run.folder, spec.sets[file] ?? file), 'utf8'))
  const closed = params.p === 'segment' && params.q === 'segment' && params.move === 'shift'
  const pair: Pair = { p: open(params.p), q: open(params.q), theta: params.move, closed }
  const thetas = thetaValues(params.thetaMin, params.thetaMax, params.thetaSteps)

  const findings = new Findings({ thetas, seeds: params.seeds, descentSteps: params.descentSteps })
  if (run.resume) findings.load(run.resume.state)
  const total = findings.totalSteps
  let step = findings.step

  const pace = new Pace()
  pace.add(step)
  const tell = (message: string | null) => {
    const rates = { stepsPerSecond: pace.stepsPerSecond(), etaSeconds: pace.etaSeconds(total) }
    log.progress({ step, totalSteps: total, epoch: step / total, epochs: 1, ...rates, message })
  }
  const record = () => log.event({ type: 'result', name: 'divergences', step, value: findings.found() })
  const finite = new FiniteWatch(
    log,
    spec.onNonFinite,
    'Restart it with a larger batch, fewer steps or another seed: the networks learn at a fixed rate.',
  )
  const checkpoints = new Checkpoints(run, {
    every: checkpointEvery,
    own: 'steps',
    epochAt: (at) => at / total,
    state: () => findings.state(),
    finite,
    within: true,
  })
  /** Logs what a θ gave, or looks at the points that have learned. Returns what the run shall end for, or null. */
  function measured(): Divergence | null {
    if (step > thetas.length) {
      const values = descentKinds.flatMap(({ source, divergence }, n) =>
        source === 'learned' ? findings.descents[n]!.map(({ value }) => [`learned ${divergence}`, value] as const) : [],
      )
      const astray = values.filter(([, value]) => !Number.isFinite(value))
      return finite.look(step, Object.fromEntries(astray))
    }
    const i = step - 1
    const { exact, learned, estimates } = findings.found()
    const values = {
      theta: thetas[i],
      exactW: exact.wasserstein.value[i],
      learnedW: learned.wasserstein.value.mean[i],
      exactJs: exact.js.value[i],
      learnedJs: learned.js.value.mean[i],
      histogramKl: estimates['histogram.klPQ'].mean[i],
      neighboursKl: estimates['neighbours.klPQ'].mean[i],
    }
    const known = Object.entries(values).filter(([, value]) => value !== null)
    const metrics = Object.fromEntries(known.map(([name, value]) => [name, Number(value)]))
    log.metrics(step, step / total, metrics)
    // KL may well be infinite; what trained networks say of the others is not.
    return finite.look(step, { learnedW: metrics.learnedW!, learnedJs: metrics.learnedJs! })
  }
  const diverged = (found: Divergence): Outcome => {
    tell(null)
    return finite.outcome(found, checkpoints.savedAt)
  }

  log.info(
    `${step ? `Going on from step ${step}` : 'Measuring'}: ${thetas.length} values of θ on ${params.p} and ${params.q}, ${params.seeds} × ${params.steps} steps each.`,
  )
  const every = Math.ceil(thetas.length / recordings)
  let told = -Infinity
  let exactShown = step > 0
  const pieces = work(pair, params, findings)
  for (let piece = pieces.next(); !piece.done; piece = pieces.next()) {
    // Nothing of the next piece is done yet.
    if (findings.step > step) {
      step = findings.step
      pace.add(step)
      const found = measured()
      if (found) return diverged(found)
      if (step % every === 0 || step >= thetas.length) {
        record()
        checkpoints.save(step)
      }
    }
    checkpoints.afterStep(step)
    const now = performance.now()
    if (now - told > tellEveryMs) {
      tell(piece.value.message)
      told = now
      if (!exactShown && findings.exact.length > 0) record()
    }
    // The exact curves can be looked at before anything is trained.
    if (!exactShown && findings.exact.length === thetas.length) {
      record()
      exactShown = true
    }
    await breathe()
    const command = run.command()
    if (command !== 'run') {
      record()
      checkpoints.save(step)
      tell(null)
      return { status: command === 'pause' ? 'paused' : 'stopped', step }
    }
  }
  // The last piece ends the last step.
  if (findings.step > step) {
    step = findings.step
    pace.add(step)
    const found = measured()
    if (found) return diverged(found)
  }
  record()
  checkpoints.save(step)
  tell(null)
  for (const line of errorsOf(findings)) log.info(line)
  return { status: 'done', step }
}

/** How far what was learned is from the exact values where |θ| ≥ 0.1. */
function errorsOf(findings: Findings): string[] {
  const { theta, exact, learned } = findings.found()
  return (['wasserstein', 'js'] as const).flatMap((name) => {
    const errors = theta.flatMap((t, i) => {
      const truth = exact[name].value[i]
      return typeof truth === 'number' && truth > 0 && Math.abs(t) >= 0.1
        ? [Math.abs(Number(learned[name].value.mean[i]) / truth - 1)]
        : []
    })
    if (!errors.length) return []
    const title = name === 'js' ? 'The discriminator’s JS' : 'The critic’s W'
    return [`${title} is within ${(100 * Math.max(...errors)).toPrecision(2)} % of the exact one where |θ| ≥ 0.1.`]
  })
}
