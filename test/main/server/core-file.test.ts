import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { runningCore } from '../../../src/main/server/core-file.ts'
import { openEndpoint } from '../../../src/main/server/run-serve.ts'
import { kill, makePlace, openCore, root } from '../support.ts'

it('a core can be reached as long as its endpoint is open, and never takes itself for another', async () => {
  const place = makePlace()
  const core = await openCore(place)
  const endpoint = await openEndpoint(Promise.resolve(core), place.library, { port: 0 })
  const file = path.join(place.library, 'core.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid, port: endpoint.port })
  expect(endpoint.address).toBe(`http://127.0.0.1:${endpoint.port}/#token=${endpoint.token}`)
  expect(runningCore(place.library)).toBeNull()
  await endpoint.close()
  await endpoint.close()
  expect(existsSync(file)).toBe(false)
})

it('a core file that a killed core has left counts for nothing', async () => {
  const place = makePlace()
  const dead = spawnSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))'], { encoding: 'utf8' })
  kill(Number(dead.stdout))
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
