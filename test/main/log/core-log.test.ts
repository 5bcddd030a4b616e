import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Run } from '../../../src/shared/run.ts'
import { json } from '../cli/atelier.ts'
import { makePlace, root } from '../support.ts'

it('a served core logs its life and that of its runs in the library’s folder, without its token', async () => {
  const place = makePlace()
  const serve = async () => {
    const args = [path.join(root, 'src/main/serve.ts'), '--port', '0', '--json']
    const child = spawn(process.execPath, args, { env: place.env, stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
    const end = async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    }
    return { ...(JSON.parse(line) as { token: string; pid: number; port: number }), end }
  }
  const first = await serve()
  const run = await json<Run>(place, 'run', 'dcgan', '--epochs', '1', '--name', 'Logged one')
  await first.end()
  const second = await serve()
  await second.end()

  const file = path.join(place.library, 'logs', 'atelier.log')
  const text = readFileSync(file, 'utf8')
  const lines = text.trimEnd().split('\n')
  const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line))
  const order = [
    at(new RegExp(`info +Started: Atelier .* process ${first.pid},`)),
    at(/info +Library .*: schema version \d+, 0 runs\./),
    at(new RegExp(`info +Run ${run.id} \\(Logged one\\): \\w+ → done, step \\d+ of \\d+`)),
    at(/info +Ended in order\./),
    at(new RegExp(`Started: Atelier .* process ${second.pid},`)),
  ]
  expect(order.every((index) => index >= 0)).toBe(true)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(text).toContain(`Listens on 127.0.0.1, port ${first.port}.`)
  expect(text).toContain('No worker to adopt.')
  expect(text).not.toContain(first.token)
  expect(text).not.toContain(second.token)
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
})
