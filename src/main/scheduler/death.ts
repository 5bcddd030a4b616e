import type { Problem } from '../../shared/run.ts'
import type { WorkerExit } from './executor.ts'

/**
 * What resuming a run does.
 * @param savedAt step of its newest checkpoint, or null when it has none
 */
export const goOn = (savedAt: number | null): string =>
  savedAt === null
    ? 'It has no checkpoint yet, so if you resume it, it begins anew.'
    : `Resume it to go on from its newest checkpoint, of step ${savedAt}.`

const signals: Partial<Record<NodeJS.Signals, [what: string, hint: string]>> = {
  SIGKILL: [
    'The training process was killed (SIGKILL).',
    'If nobody did that, the system ran out of memory: free some, or restart with a smaller batch or width. ',
  ],
  SIGABRT: [
    'The training engine aborted (SIGABRT).',
    'What it said last is below; a smaller batch or width helps when it was memory. ',
  ],
  SIGSEGV: ['The training engine crashed (SIGSEGV).', 'What it said last is below. '],
  SIGBUS: ['The training engine crashed (SIGBUS).', 'The disk may be full, or a file it had mapped was cut short. '],
  SIGILL: [
    'The training engine used an instruction that this processor lacks (SIGILL).',
    'Set ATELIER_ENGINE=wasm to train on the portable engine. ',
  ],
  SIGTERM: ['The training process was told to end (SIGTERM).', 'Usually that is the system shutting down. '],
  SIGINT: ['The training process was interrupted (SIGINT).', ''],
}

/** Why a worker that wrote no last event is gone, in words. `output` is the end of what it printed. */
export function problemOfDeath(exit: WorkerExit | null, output: string | null, savedAt: number | null): Problem {
  const resume = goOn(savedAt)
  const detail = output
  if (output?.includes('JavaScript heap out of memory'))
    return {
      message: 'The training process ran out of memory for JavaScript.',
      hint: `Restart it with fewer images (limit) or a smaller batch, or give Node more (NODE_OPTIONS=--max-old-space-size=8192). ${resume}`,
      detail,
    }
  if (exit?.signal) {
    const [message, hint] = signals[exit.signal] ?? [`The training process was ended by ${exit.signal}.`, '']
    return { message, hint: hint + resume, detail }
  }
  if (exit?.code !== undefined && exit.code !== null)
    return { message: `The training process ended too early, with exit status ${exit.code}.`, hint: resume, detail }
  return {
    message: 'The training process is gone: it was killed, or the machine was restarted.',
    hint: resume,
    detail,
  }
}

/** A worker that could not be started at all. */
export function problemOfStart(error: Error): Problem {
  return {
    message: `The training process could not be started: ${error.message}`,
    hint: 'When that is mended, resume the run.',
    detail: null,
  }
}

/** A worker whose log can't be taken in, so that what it computes would be lost. */
export function problemOfLoss(error: Error, output: string | null, savedAt: number | null): Problem {
  return {
    message: `What the training process recorded can't be taken into the library: ${error.message}`,
    hint: goOn(savedAt),
    detail: output,
  }
}

/** A worker that was killed because the user said so. */
export function problemOfForce(savedAt: number | null): Problem {
  return {
    message: 'The training process was ended by force, so it could not save a last checkpoint.',
    hint: goOn(savedAt),
    detail: null,
  }
}
