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

const lessMemory =
  'Choose a smaller batch, width or image size, or close other programs and train fewer runs at a time. '

/** Messages of each signal, and what to do. */
const signals: Partial<Record<NodeJS.Signals, [what: string, hint: string]>> = {
  SIGABRT: ['The training engine aborted (SIGABRT).', ''],
  SIGSEGV: ['The training engine crashed (SIGSEGV).', ''],
  SIGFPE: ['The training engine crashed in a calculation (SIGFPE).', ''],
  SIGBUS: ['The training engine crashed (SIGBUS).', 'The disk may be full, or a file it had mapped was cut short. '],
  SIGILL: [
    'The training engine used an instruction that this processor lacks (SIGILL).',
    'Set ATELIER_ENGINE=wasm to train on the portable engine. ',
  ],
  SIGTERM: ['The training process was told to end (SIGTERM).', 'Usually that is the system shutting down. '],
  SIGINT: ['The training process was interrupted (SIGINT).', ''],
}
/** Of a process that a shell or a supervisor reports: 128 and the number of the signal. */
const signalsByNumber: Record<number, NodeJS.Signals> = {
  2: 'SIGINT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
}

/** What is known of a worker that is gone without a last word. */
export interface Death {
  /** Null when nobody saw it end. */
  exit: WorkerExit | null
  /** The end of what it printed. */
  output: string | null
  /** Step of its run's newest checkpoint, or null when there is none. */
  savedAt: number | null
  /** Whether the system ended a process for lack of memory while it lived, or null where that can't be told. */
  outOfMemory: boolean | null
  /** Whether it had written anything to its log. */
  hasBegun: boolean
  /** Whether the machine was started anew since. */
  restarted: boolean
}

/** Why a worker that wrote no last event is gone, in words, and what to do. */
export function problemOfDeath(death: Death): Problem {
  const [message, hint] = causeOf(death)
  return { message, hint: hint + goOn(death.savedAt), detail: death.output }
}

function causeOf({ exit, output, outOfMemory, hasBegun, restarted }: Death): [message: string, hint: string] {
  if (restarted) return ['The machine was restarted while the run trained.', '']
  const code = exit?.code ?? null
  const signal = exit?.signal ?? (code === null ? null : (signalsByNumber[code - 128] ?? null))
  if (output?.includes('JavaScript heap out of memory'))
    return [
      'The training process ran out of memory for JavaScript.',
      'Train on fewer images (limit) or with a smaller batch, or give Node more (NODE_OPTIONS=--max-old-space-size=8192). ',
    ]
  if (signal === 'SIGKILL') return causeOfKill(outOfMemory)
  if (
    /\bOOM when allocating|RESOURCE_EXHAUSTED|std::bad_alloc|out of memory|Cannot allocate memory/i.test(output ?? '')
  )
    return [`The training engine ran out of memory${signal ? ` (${signal})` : ''}.`, lessMemory]
  const last = output ? 'What it said last stands in the details. ' : ''
  if (signal) {
    const [message, hint] = signals[signal] ?? [`The training process was ended by ${signal}.`, '']
    return [message, last + hint]
  }
  if (code !== null && !hasBegun)
    return [
      `The training process ended before it could begin, with exit status ${code}.`,
      `${last}\`atelier doctor\` says whether the engine works here. `,
    ]
  if (code !== null) return [`The training process ended too early, with exit status ${code}.`, last]
  if (outOfMemory) return causeOfKill(true)
  return ['The training process is gone: it was killed, or ended without a word.', last]
}

function causeOfKill(outOfMemory: boolean | null): [message: string, hint: string] {
  if (outOfMemory)
    return [
      'The training process was killed (SIGKILL), most likely because memory ran out: the system ended a process for that.',
      lessMemory,
    ]
  const killed = 'The training process was killed (SIGKILL).'
  return outOfMemory === null
    ? [killed, `If nobody did that, the system may have run out of memory. ${lessMemory}`]
    : [killed, 'The system reports no lack of memory, so somebody or another program did that. ']
}

const starts: Record<string, string> = {
  ENOENT: 'A file of Atelier or its Node is missing: run `npm run setup`, or install Atelier again.',
  EACCES: 'A file of Atelier or its Node may not be run: see to its permissions, or install Atelier again.',
  EAGAIN: 'The system allows no more processes: close other programs or train fewer runs at a time.',
  ENOMEM: 'There is not enough memory: close other programs or train fewer runs at a time.',
  EMFILE: 'Too many files are open: close other programs or raise the limit (ulimit -n).',
  ENOSPC: 'The disk is full: free some space (`atelier library compact` frees what the library needs no more).',
}

/** A worker that could not be started at all. */
export function problemOfStart(error: Error & { code?: string }): Problem {
  const hint = starts[error.code ?? '']
  return {
    message: `The training process could not be started: ${error.message}`,
    hint: hint ? `${hint} Then resume the run.` : 'When that is mended, resume the run.',
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
