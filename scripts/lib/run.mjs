import { spawn } from 'node:child_process'

/**
 * Runs a program to its end, collecting what it prints.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, onLine?: (line: string) => void, shell?: boolean }} options
 *   onLine gets each line of standard output as it comes
 * @returns {Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string, timedOut: boolean }>}
 *   code is null if the program ended by a signal or could not be started at all (then stderr says why)
 */
export function run(file, args, { cwd, env, timeoutMs, onLine, shell = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
    const result = { code: null, signal: null, stdout: '', stderr: '', timedOut: false }
    let pending = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      result.stdout += text
      if (!onLine) return
      const lines = (pending + text).split(/\r?\n/)
      pending = lines.pop()
      for (const line of lines) onLine(line)
    })
    child.stderr.setEncoding('utf8').on('data', (text) => (result.stderr += text))
    const timer = timeoutMs
      ? setTimeout(() => {
          result.timedOut = true
          child.kill('SIGKILL')
        }, timeoutMs)
      : null
    // An interrupted set-up must not leave its download or compiler running.
    const stop = () => child.kill('SIGTERM')
    process.once('exit', stop)
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    const passOn = (signal) => {
      child.kill(signal)
      for (const name of signals) process.off(name, passOn)
      process.kill(process.pid, signal)
    }
    for (const name of signals) process.on(name, passOn)
    let ended = false
    const end = (code, signal) => {
      if (ended) return
      ended = true
      if (timer) clearTimeout(timer)
      process.off('exit', stop)
      for (const name of signals) process.off(name, passOn)
      if (pending && onLine) onLine(pending)
      resolve({ ...result, code, signal })
    }
    child.once('error', (error) => {
      result.stderr += error.message
      end(null, null)
    })
    child.once('close', end)
  })
}

/** The end of what a failed program said, on one line, for a message. */
export function lastWords({ stderr, stdout, code, signal, timedOut }) {
  if (timedOut) return 'it took too long and was ended'
  const lines = (stderr.trim() || stdout.trim()).split('\n').map((line) => line.trim())
  const telling = lines.filter((line) => /error|fatal|cannot|not found|failed/i.test(line))
  const words = (telling.at(-1) ?? lines.at(-1) ?? '').slice(0, 400)
  return words || (signal ? `it was ended by ${signal}` : `it ended with status ${code}`)
}
