/**
 * The list of steps that a set-up shows. On a terminal the running step's line is rewritten as it advances; elsewhere
 * (a log, a pipe) a step prints plain lines, at its start, at every quarter and at its end.
 *
 * @param {{ stream?: NodeJS.WriteStream, now?: () => number }} options
 */
export function createProgress({ stream = process.stderr, now = Date.now } = {}) {
  const live = Boolean(stream.isTTY) && !process.env.CI
  const write = (text) => stream.write(text)
  const fit = (text) => (stream.columns ? text.slice(0, stream.columns - 1) : text)

  return {
    /** A line that belongs to no step. */
    note: (text) => write(`${text}\n`),

    /** Runs `work`, which may call update(fraction 0…1 or null, note); shows how it went. */
    async step(title, work) {
      const began = now()
      let lastQuarter = 0
      let lastDraw = 0
      let state = { fraction: null, note: '' }
      const seconds = () => `${Math.round((now() - began) / 1000)} s`
      const draw = () => {
        const { fraction, note } = state
        const percent = fraction === null ? '    ' : `${String(Math.floor(fraction * 100)).padStart(3)}%`
        write(`\r\x1b[2K${fit(`  … ${percent} ${title}${note ? `: ${note}` : ''} (${seconds()})`)}`)
        lastDraw = now()
      }
      const update = (fraction, note = state.note) => {
        state = { fraction: fraction === null ? null : Math.min(Math.max(fraction, 0), 1), note }
        if (live) {
          if (now() - lastDraw > 80) draw()
          return
        }
        const quarter = Math.floor((state.fraction ?? 0) * 4)
        if (quarter <= lastQuarter || quarter === 4) return
        lastQuarter = quarter
        write(`  ${title}: ${quarter * 25}%\n`)
      }
      const ticker = live ? setInterval(draw, 500) : null
      if (live) draw()
      else write(`  ${title} …\n`)
      const finish = (mark, note) => {
        if (ticker) clearInterval(ticker)
        write(`${live ? '\r\x1b[2K' : ''}  ${mark} ${title}${note ? `: ${note}` : ''} (${seconds()})\n`)
      }
      try {
        const result = await work(update)
        finish('✓', '')
        return result
      } catch (error) {
        finish('✗', error instanceof Error ? error.message.split('\n')[0] : String(error))
        throw error
      }
    },
  }
}
