import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { runningCore } from '../../../src/main/server/core-file.ts'
import { createReachableCore } from '../../../src/main/server/reachable-core.ts'
import { kill, makePlace, root } from '../support.ts'

it("an app's core can be reached by the command line as long as it is open, and serves it no window", async () => {
  const place = makePlace()
  const core = await createReachableCore({
    libraryDirectory: place.library,
    cacheDirectory: place.cache,
    platform: 'desktop',
  })
  onTestFinished(() => core.close())
  const file = path.join(place.library, 'core.json')
  expect(existsSync(file)).toBe(true)
  // Its own process never takes itself for another.
  expect(runningCore(place.library)).toBeNull()
  await core.close()
  await core.close()
  expect(existsSync(file)).toBe(false)
})

it('a core file that a killed core has left counts for nothing', async () => {
  const place = makePlace()
  const dead = spawnSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))'], { encoding: 'utf8' })
  kill(Number(dead.stdout))
  const { mkdirSync, writeFileSync } = await import('node:fs')
  mkdirSync(place.library)
  const file = path.join(place.library, 'core.json')
  for (const content of [
    JSON.stringify({ pid: Number(dead.stdout), host: '127.0.0.1', port: 1, token: 'x', version: '0', page: true }),
    '{"pid":',
    '[]',
    'null',
    JSON.stringify({ pid: process.ppid }),
  ]) {
    writeFileSync(file, content)
    expect(runningCore(place.library)).toBeNull()
  }
  const alive = { pid: process.ppid, host: '127.0.0.1', port: 1, token: 'x', version: '0', page: true }
  writeFileSync(file, JSON.stringify(alive))
  expect(runningCore(place.library)).toEqual(alive)
  // Nobody answers there, so the command opens the library itself.
  const { stdout, status } = spawnSync(
    process.execPath,
    [path.join(root, 'src/main/cli.ts'), 'run', 'dcgan', '--epochs', '1', '--json'],
    {
      env: place.env,
      encoding: 'utf8',
    },
  )
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'done' })
})
