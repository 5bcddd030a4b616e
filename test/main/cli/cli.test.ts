import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import type { Run } from '../../../src/shared/run.ts'
import { makePlace, root, until } from '../support.ts'
import type { Place } from '../support.ts'
import { atelier, json, start } from './atelier.ts'

const train = (place: Place, ...more: string[]) => json<Run>(place, 'run', 'dcgan', '--epochs', '3', ...more)

/** Serves a place's library in the background; resolves when it can be reached. */
async function serve(place: Place) {
  const { child, outcome } = start(place, ['serve', '--port', '0', '--json'])
  await until('core.json', () => existsSync(path.join(place.library, 'core.json')))
  return { child, outcome }
}

/** Ends the worker that a test leaves training. */
function endLater(place: Place, id: string): void {
  onTestFinished(() => {
    const folder = path.join(place.library, 'runs', id)
    if (!existsSync(folder)) return
    for (const attempt of readdirSync(folder))
      writeFileSync(path.join(folder, attempt, 'control.json'), '{"command":"stop"}')
  })
}

it('trains, lists, shows and exports', async () => {
  const place = makePlace()
  const run = await train(place, '--preset', 'quick', '--seed', '4', '--name', 'first try', '--tag', 'a', '--tag', 'b')
  expect(run).toMatchObject({
    kind: 'dcgan',
    preset: 'quick',
    status: 'done',
    name: 'first try',
    tags: ['a', 'b'],
    params: { ...presetParams('dcgan', 'quick'), epochs: 3, seed: 4 },
    metrics: { count: 30, sum: 465 },
  })
  expect((await json<Run[]>(place, 'runs')).map(({ id, status }) => [id, status])).toEqual([[run.id, 'done']])
  expect(await json(place, 'show', run.id.slice(0, 9))).toMatchObject({
    id: run.id,
    samples: [{ epoch: 0 }, { epoch: 1 }, { epoch: 2 }, { epoch: 3 }],
    checkpoints: [{ step: 30 }],
  })

  const csv = await atelier(place, 'metrics', 'first try', '--csv')
  const lines = csv.stdout.trimEnd().split('\n')
  expect(lines[0]).toBe('step,epoch,time,count,sum')
  expect(lines).toHaveLength(31)
  expect(lines[30]).toMatch(/^30,3,\d{13},30,465$/)
  expect((await atelier(place, 'metrics', run.id, 'sum', '--csv')).stdout.split('\n')[2]).toMatch(/^2,0\.2,\d{13},3$/)
  const series = await json<Record<string, { step: number[]; value: number[] }>>(place, 'metrics', run.id)
  expect(series.sum!.value.slice(0, 4)).toEqual([1, 3, 6, 10])

  const out = path.join(place.directory, 'grid.png')
  expect((await atelier(place, 'samples', run.id, '--epoch', '0', '--out', out)).status).toBe(0)
  expect([...readFileSync(out).subarray(1, 4)]).toEqual([0x50, 0x4e, 0x47])

  const text = await atelier(place, 'runs')
  expect(text.stdout).toContain('first try')
  expect(text.stdout).toContain('done')
})

it('says what is wrong with its input, with status 2, and makes and changes nothing', async () => {
  const place = makePlace()
  const cases = [
    [['bogus'], /Unknown command 'bogus'/],
    [['runs', '--bogus'], /Unknown option '--bogus'/],
    [['run'], /The kinds are: wgan-gp, dcgan/],
    [['run', 'gan'], /no experiment "gan".*wgan-gp, dcgan/],
    [['run', 'dcgan', '--preset', 'fast'], /no preset "fast".*quick, reference/],
    [['run', 'dcgan', '--bacth', '3'], /Unknown option '--bacth'.*--batch/],
    [['run', 'dcgan', '--batch', '1'], /--batch must be a whole number from 2 to 4096, not 1/],
    [['run', 'dcgan', '--batch', 'many'], /--batch must be a whole number from 2 to 4096, not "many"/],
    [['run', 'dcgan', '--batch', ''], /--batch must be/],
    [['run', 'dcgan', '--batch', '-3'], /--batch must be .* not -3/],
    [['run', 'dcgan', '--lr-g', '2'], /--lr-g must be/],
    [['run', 'dcgan', '--epochs'], /--epochs/],
    [['run', 'dcgan', '--dataset', 'cats'], /no data set "cats".*mnist, fashion-mnist/],
    [['show'], /Missing required argument/],
    [['show', 'nobody'], /no run "nobody"/],
    [['metrics', 'nobody', '--csv'], /no run "nobody"/],
    [['samples', 'nobody', '--epoch', '1', '--out', 'x.png'], /no run "nobody"/],
    [['samples', 'nobody', '--epoch', 'x', '--out', 'x.png'], /--epoch must be a number/],
    [['datasets', 'get', 'cats'], /no data set "cats"/],
    [['datasets', 'fetch'], /Unknown command "datasets fetch"/],
    [['serve', '--port', 'many'], /--port must be a whole number/],
    [['serve', '--port', '70000'], /--port must be a whole number/],
    [['serve', '--host', '0.0.0.0'], /--host must be one of 127\.0\.0\.1/],
  ] as const
  const answers = await Promise.all(cases.map(([args]) => atelier(place, ...args)))
  for (const [i, { status, stdout, stderr }] of answers.entries()) {
    const [args, message] = cases[i]!
    expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('    at ')
  }
  const { status, stderr } = await atelier(place, 'run', 'dcgan', '--batch', '1', '--json')
  expect(status).toBe(2)
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'BAD_INPUT',
      message: '--batch must be a whole number from 2 to 4096, not 1.',
      errors: [{ name: 'batch', message: 'batch must be a whole number from 2 to 4096, not 1.' }],
    },
  })
  expect(existsSync(place.library)).toBe(false)
}, 90_000)

it('refuses libraries that are none, with status 2, and leaves them as they are', async () => {
  const place = makePlace()
  const file = path.join(place.directory, 'file')
  writeFileSync(file, 'not a folder')
  const foreign = path.join(place.directory, 'foreign')
  mkdirSync(foreign)
  writeFileSync(path.join(foreign, 'library.db'), 'SQLite format 3, or so it says'.padEnd(5000))
  const locked = path.join(place.directory, 'locked')
  mkdirSync(locked)
  for (const library of [file, foreign]) {
    const { status, stderr } = await atelier(place, 'run', 'dcgan', '--library', library, '--json')
    expect([library, status]).toEqual([library, 2])
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'LIBRARY', message: expect.stringMatching(/.+/) } })
  }
  expect(readFileSync(file, 'utf8')).toBe('not a folder')
  expect(readdirSync(foreign)).toEqual(['library.db'])
  // The superuser writes anywhere.
  if (process.getuid?.() === 0) return
  chmodSync(locked, 0o500)
  expect((await atelier(place, 'run', 'dcgan', '--library', locked)).status).toBe(2)
})

it('makes no library where it is only asked to look or to change something', async () => {
  const place = makePlace()
  writeFileSync(path.join(place.directory, 'thesis.txt'), 'mine')
  const before = readdirSync(place.directory)
  expect(await json(place, 'runs', '--library', place.directory)).toEqual([])
  const commands = ['show', 'pause', 'stop', 'resume', 'restart', 'remove', 'samples', 'metrics']
  const answers = await Promise.all(commands.map((name) => atelier(place, name, 'x', '--library', place.directory)))
  expect(answers.map(({ status }) => status)).toEqual(commands.map(() => 2))
  expect(readdirSync(place.directory)).toEqual(before)
})

it('ends with status 1 when the run fails, and says why', async () => {
  const place = makePlace()
  place.behave({ failAt: 5 })
  const { status, stderr, stdout } = await atelier(place, 'run', 'dcgan', '--epochs', '3')
  expect(status).toBe(1)
  expect(stderr).toContain('The count became nonsense.')
  expect(stdout).toContain('failed')
})

it('stops a run with a checkpoint at the first Ctrl-C', async () => {
  const place = makePlace()
  const { child, outcome, err } = start(place, ['run', 'dcgan', '--epochs', '1000'])
  await until('the run to begin', () => err().includes('running'))
  child.kill('SIGINT')
  const { status, stdout, stderr } = await outcome
  expect(status).toBe(1)
  expect(stdout).toContain('stopped')
  expect(stderr).toContain('Stopping, with a checkpoint')
  const [run] = await json<Run[]>(place, 'runs')
  expect(run).toMatchObject({ status: 'stopped' })
  expect(existsSync(path.join(place.library, 'core.json'))).toBe(false)
})

it('controls a run that another command follows, through its core', async () => {
  const place = makePlace()
  const { outcome, err } = start(place, ['run', 'dcgan', '--epochs', '1000'])
  await until('the run to begin', () => err().includes('running'))
  const [run] = await json<Run[]>(place, 'runs')
  expect(run!.status).toBe('running')
  expect(await json<Run[]>(place, 'pause', run!.id)).toMatchObject([{ id: run!.id, status: 'paused' }])
  expect((await outcome).status).toBe(1)
})

it('pauses and resumes a run whose core is long dead', async () => {
  const place = makePlace()
  // Slow while commands have to come in time, fast afterwards.
  place.behave({ stepMs: 50 })
  const { child, outcome, err } = start(place, ['run', 'dcgan', '--epochs', '60', '--checkpoint-every', '50'])
  await until('the run to begin', () => err().includes('running'))
  child.kill('SIGKILL')
  await outcome
  const [run] = await json<Run[]>(place, 'runs')
  expect(run!.status).toBe('running')
  const [paused] = await json<Run[]>(place, 'pause', run!.id)
  expect(paused!.status).toBe('paused')
  place.behave({ stepMs: 0 })
  // A dead core's file does not keep others away.
  expect(existsSync(path.join(place.library, 'core.json'))).toBe(true)
  expect(await json<Run[]>(place, 'resume', run!.id)).toMatchObject([{ id: run!.id }])
  const done = await until(
    'the run to be done in the background',
    async () => (await json<Run[]>(place, 'runs')).find(({ status }) => status === 'done'),
    20_000,
  )
  expect(done).toMatchObject({ attempts: 2, metrics: { count: 600, sum: 180300 } })
}, 60_000)

it('leaves a run in the background with --detach, and takes it up again with resume --follow', async () => {
  const place = makePlace()
  place.behave({ stepMs: 50 })
  const { status, stdout } = await atelier(place, 'run', 'dcgan', '--epochs', '40', '--detach')
  expect(status).toBe(0)
  const id = stdout.trim()
  endLater(place, id)
  await until('it to run', async () => (await json<Run>(place, 'show', id)).status === 'running')
  await json(place, 'stop', id)
  place.behave({ stepMs: 0 })
  const run = await json<Run>(place, 'resume', id, '--follow')
  expect(run).toMatchObject({ id, status: 'done', metrics: { count: 400 } })
}, 60_000)

it('speaks to a core that serves, and finds the one that serves already', async () => {
  const place = makePlace()
  const { child, outcome } = await serve(place)
  const file = path.join(place.library, 'core.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const where = JSON.parse(readFileSync(file, 'utf8')) as { port: number; token: string; pid: number }
  expect(where.pid).toBe(child.pid)

  const again = await json<{ running: boolean; address: string }>(place, 'serve')
  expect(again).toMatchObject({ running: true, address: `http://127.0.0.1:${where.port}/#token=${where.token}` })

  const run = await train(place)
  expect(run.status).toBe('done')
  expect(await json(place, 'restart', run.id, '--follow')).toMatchObject({ restartOf: run.id, status: 'done' })
  const conflict = await atelier(place, 'pause', run.id, '--json')
  expect(conflict.status).toBe(2)
  expect(JSON.parse(conflict.stderr)).toMatchObject({ error: { code: 'CONFLICT' } })
  expect(await json(place, 'remove', run.id)).toEqual({ removed: [run.id], freedBytes: 0 })
  expect(await json<Run[]>(place, 'runs')).toHaveLength(1)
  expect(await json(place, 'bin')).toMatchObject([{ run: { id: run.id, status: 'done' } }])
  expect(await json(place, 'bin', 'restore', run.id)).toMatchObject([{ id: run.id, status: 'done' }])
  expect(await json<Run[]>(place, 'runs')).toHaveLength(2)
  expect(await atelier(place, 'bin', 'restore', run.id)).toMatchObject({ status: 2 })
  await json(place, 'remove', run.id)
  expect(await json(place, 'bin', 'empty')).toMatchObject({ deleted: [run.id], freedBytes: expect.any(Number) })
  expect(await json(place, 'bin')).toEqual([])

  child.kill('SIGTERM')
  const { status, stdout } = await outcome
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ running: false, port: where.port, library: place.library })
  expect(existsSync(file)).toBe(false)
}, 60_000)

it('goes on with a run when the core that serves it ends, and says how', async () => {
  const place = makePlace()
  const { child, outcome } = await serve(place)
  const follower = start(place, ['run', 'dcgan', '--epochs', '1000'])
  await until('the run to begin', () => follower.err().includes('running'))
  child.kill('SIGTERM')
  expect((await outcome).status).toBe(0)
  const left = await follower.outcome
  expect(left.status).toBe(1)
  expect(left.stderr).toContain('What trains goes on')
  const [run] = await json<Run[]>(place, 'runs')
  expect(run!.status).toBe('running')
  await json(place, 'stop', run!.id)
})

it('says when the port is in use, with status 2', async () => {
  const place = makePlace()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const { status, stderr } = await atelier(place, 'serve', '--port', String(port))
  expect(status).toBe(2)
  expect(stderr).toBe(`Port ${port} is in use. Choose another with --port, or leave --port out to get a free one.\n`)
  expect(existsSync(path.join(place.library, 'core.json'))).toBe(false)
})

it('shows the flags of a kind, from its schema', async () => {
  const { status, stdout } = await atelier(makePlace(), 'run', 'wgan-gp', '--help')
  expect(status).toBe(0)
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    '--critic-steps <integer> Critic updates before each generator update (n_critic). (steps) [a whole number from 1 to 100; default 5]',
  )
})

it('has a version, and its help for no command at all', async () => {
  const place = makePlace()
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }
  expect(await atelier(place, '--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
  const help = await atelier(place)
  expect(help.status).toBe(0)
  expect(help.stdout).toContain('Commands:')
})

it('tells the engine as a worker describes it, and asks only once', async () => {
  const place = makePlace()
  expect(await json(place, 'engine')).toMatchObject({ name: 'Counting 1.0 (CPU)' })
  const cached = JSON.parse(readFileSync(path.join(place.cache, 'engine-info.json'), 'utf8')) as { stamp: string }
  expect(cached.stamp).toContain('counting-worker.ts')
})
