import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs a program in this one's place: its input and output are ours, signals that we get go on to it, and we end as it
 * ends.
 *
 * @returns {Promise<number>} the exit status; 128 + the signal's number if it ended by one
 */
export function passThrough(file, args, { cwd, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    // A terminal sends Ctrl-C to the whole group, so the child has it already; a second one would cut its goodbye short.
    const forward = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = process.platform === 'win32' ? ['SIGINT'] : ['SIGINT', 'SIGTERM', 'SIGHUP']
    const release = () => signals.forEach((signal) => process.off(signal, forward))
    // Before the child is there: it may run, and whoever waits for it may signal us, before spawn has returned.
    for (const signal of signals) process.on(signal, forward)
    const child = spawn(file, args, { cwd, env, stdio: 'inherit', windowsHide: false })
    child.once('error', (error) => {
      release()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      release()
      resolve(code ?? 128 + (constants.signals[signal] ?? 0))
    })
  })
}
