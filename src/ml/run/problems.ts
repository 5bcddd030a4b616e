import type { Problem } from '../../shared/run.ts'

/** What kinds of failure a worker can tell apart, each with its own message and what to do. */
interface Known {
  is(error: Error & { code?: string; path?: string }): boolean
  message(error: Error & { code?: string; path?: string }): string
  hint: string
}

const coded =
  (...codes: string[]): Known['is'] =>
  ({ code }) =>
    code !== undefined && codes.includes(code)
const said =
  (pattern: RegExp): Known['is'] =>
  ({ message }) =>
    pattern.test(message)
const at = (path: string | undefined) => (path ? ` (${path})` : '')

const lessMemory =
  'Choose a smaller batch, width or image size, or close other programs and train fewer runs at a time; then resume the run, ' +
  'or restart it with other values.'

const known: Known[] = [
  {
    is: coded('ENOSPC', 'EDQUOT'),
    message: ({ path }) => `The disk is full: a file of the run could not be written${at(path)}.`,
    hint: 'Free some space on the disk (`atelier library compact` frees what the library needs no more), then resume the run.',
  },
  {
    is: coded('EACCES', 'EPERM', 'EROFS'),
    message: ({ path, code }) => `A file of the run may not be read or written${at(path)}: ${code}.`,
    hint: 'See to it that the library’s folder and the data cache belong to you and can be written to, then resume the run.',
  },
  {
    is: coded('EIO'),
    message: ({ path }) => `The disk failed at a file of the run${at(path)}.`,
    hint: 'Check the disk, and the library with `atelier library check`; then resume the run.',
  },
  {
    is: coded('EMFILE', 'ENFILE'),
    message: () => 'Too many files are open on this machine.',
    hint: 'Close other programs or raise the limit (ulimit -n), then resume the run.',
  },
  {
    // TensorFlow: "OOM when allocating tensor with shape[…]", RESOURCE_EXHAUSTED.
    is: said(/\bOOM when allocating|RESOURCE_EXHAUSTED|ResourceExhausted/i),
    message: ({ message }) => {
      const shape = /shape ?\[([\d,\s]*)\]/.exec(message)?.[1]
      return `TensorFlow ran out of memory${shape ? ` at a tensor of ${shape.split(',').join(' × ')}` : ''}.`
    },
    hint: lessMemory,
  },
  {
    // The WebAssembly engine has at most 4 GiB, whatever the machine has.
    is: said(/Cannot enlarge memory|memory access out of bounds|\babort(ed)?\(OOM|Aborted\(.*memory/i),
    message: () => 'The WebAssembly engine ran out of its memory, of which it has 4 GiB at most.',
    hint: `Train on the native engine (\`atelier engine\` says how to get it), or: ${lessMemory}`,
  },
  {
    // A length of that many digits is no slip of the program's.
    is: said(
      /Array buffer allocation failed|Invalid (typed array|array buffer) length: \d{9}|Cannot create a Buffer larger/i,
    ),
    message: () => 'There is not enough memory for an array of the run.',
    hint: lessMemory,
  },
  {
    is: said(/std::bad_alloc|std::length_error|out of memory|\bENOMEM\b|Cannot allocate memory/i),
    message: () => 'The machine ran out of memory.',
    hint: lessMemory,
  },
]

/**
 * What a worker says of an error that ended its attempt. An error that brings its own `hint` keeps its words; engine, memory
 * and disk errors get their own; anything else is told as it is. The whole error always stands in `detail`.
 */
export function describeProblem(error: unknown): Problem {
  if (!(error instanceof Error)) return { message: String(error), hint: null, detail: null }
  const detail = error.stack ?? error.message
  const { hint } = error as { hint?: unknown }
  if (typeof hint === 'string') return { message: error.message, hint, detail }
  const found = known.find(({ is }) => is(error))
  return found
    ? { message: found.message(error), hint: found.hint, detail }
    : { message: error.message, hint: null, detail }
}

/**
 * What a worker says that the system, and nobody else, told to end: usually the machine is shutting down.
 * @param step of the checkpoint that it saved; 0 when there was nothing to save yet
 */
export const problemOfSignal = (signal: NodeJS.Signals, step: number): Problem => ({
  message: `The system told the training process to end (${signal}).`,
  hint:
    step > 0
      ? `Its checkpoint of step ${step} is saved; resume the run to go on from there.`
      : 'Nothing was trained yet; resume the run to begin anew.',
  detail: null,
})
