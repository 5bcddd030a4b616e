import { request } from 'node:http'
import { homedir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { tokenProtocol } from '../../src/main/server/gate.ts'
import { makePlace, root } from '../main/support.ts'
import { oddText, proceduresOf } from './fuzz-input.ts'
import { callOf, garbageOf } from './fuzz-messages.ts'
import { FuzzSocket } from './fuzz-socket.ts'
import { serveCore, withClient } from './served-core.ts'
import { randomFor, record, rounds, timeLimit } from './support.ts'
import { makeWholeLibrary } from './whole-library.ts'

const CALLS = rounds(900, 98_000)
const KNOCKS = rounds(100, 2_000)
const BATCH = 50
const CONNECTIONS = 4
/** Milliseconds to wait for an answer; a busy machine is slow. */
const PATIENCE = 120_000
const codes = ['NOT_FOUND', 'BAD_INPUT', 'CONFLICT', 'LIBRARY', 'BAD_REQUEST', 'METHOD_NOT_SUPPORTED']

it(
  `${CALLS + KNOCKS} calls and knocks of every bad kind leave a core that answers, each with a typed answer`,
  async () => {
    const random = randomFor('fuzz')
    const place = makePlace()
    await makeWholeLibrary(place.library, 5000)
    const core = serveCore(place.library, {
      ...place.env,
      ATELIER_WORKER: path.join(import.meta.dirname, 'idle-worker.ts'),
    })
    const where = (await core.ready)!
    const pid = core.child.pid
    const url = `ws://${where.host}:${where.port}/api`
    const procedures = proceduresOf()
    expect(procedures.length).toBeGreaterThan(40)
    const known = await withClient(where, async (client) => {
      const runs = await client.runs.list()
      const { id } = runs[0]!
      const [sample] = await client.samples.list({ id })
      const [study] = await client.studies.list()
      const [set] = await client.planeSets.list()
      return [...runs.map((run) => run.id), sample!.hash, study!.id, set!.id, 'dcgan', 'gan2d', 'loss', 'seed', 'steps']
    })
    /** What no answer may tell, unless the question did. */
    const secrets = [root, place.directory, homedir(), 'node_modules', '/src/main/', where.token]

    const tally: Record<string, number> = {}
    const count = (what: string) => (tally[what] = (tally[what] ?? 0) + 1)
    const wrong: string[] = []
    let sent = 0

    async function batch(name: string): Promise<void> {
      const socket = await FuzzSocket.open(url, tokenProtocol(where.token))
      const messages = new Map<string, string>()
      for (let i = 0; i < BATCH && sent < CALLS - 1; i++, sent++) {
        const id = `${name}.${i}`
        messages.set(id, callOf(id, procedures, known, random))
        socket.socket.send(messages.get(id)!)
      }
      await socket.answered([...messages.keys()], PATIENCE)
      for (const [id, message] of messages) {
        const { status, code, text } = socket.answers.get(id)!
        count(code ?? 'answered')
        const isTyped = code === null ? status < 400 : codes.includes(code)
        const told = secrets.filter((secret) => text.includes(secret) && !message.includes(secret))
        if (!isTyped || told.length > 0 || /\n\s+at /.test(text))
          wrong.push(`${message.slice(0, 600)}\n  → ${text.slice(0, 600)} ${told.join(' ')}`)
        if (random.next() < 0.3) socket.socket.send(JSON.stringify({ i: id, t: 4 }))
      }
      const garbage = garbageOf(random)
      sent++
      socket.socket.send(garbage)
      const closed = await Promise.race([socket.closed, sleep(PATIENCE, 0, { ref: false })])
      count(`closed with ${closed}`)
      // One that has sent too much may hear of a reset connection before it hears why.
      const isGood = closed === 1007 || (garbage.length > 2 << 20 && (closed === 1009 || closed === 1006))
      if (!isGood) wrong.push(`${String(garbage).slice(0, 300)}\n  → closed with ${closed}`)
    }

    let batches = 0
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        while (sent < CALLS) await batch(String(batches++))
      }),
    )
    for (let i = 0; i < KNOCKS; i++) count(await knock(where.port, random))

    expect(wrong.slice(0, 5)).toEqual([])
    expect(Object.keys(tally).filter((what) => what.startsWith('HTTP 2') || what.startsWith('HTTP 5'))).toEqual([])
    expect(core.child.exitCode, core.said()).toBeNull()
    expect(core.child.pid).toBe(pid)
    const { library } = await withClient(where, (client) => client.app.info())
    expect(library.path).toBe(place.library)
    record('API fuzz', { rounds: CALLS + KNOCKS, seed: random.seed, crashes: 0, untyped: wrong.length, tally })
  },
  timeLimit(240_000),
)

/** Asks for a socket, or a page, with a wrong token, origin, host, path or method. Returns how that ended. */
function knock(port: number, random: ReturnType<typeof randomFor>): Promise<string> {
  const safe = (text: string) => text.replace(/[^\x21-\x7e]/g, '').slice(0, 2000)
  const odd = () => safe(oddText(random))
  const wsHeaders = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }
  const key = Buffer.from(random.bytes(random.pick([16, 16, 16, 3]))).toString('base64')
  const kinds = [
    () => ({
      path: '/api',
      headers: { ...wsHeaders, 'Sec-WebSocket-Key': key, 'Sec-WebSocket-Protocol': `atelier.${odd() || 'x'}` },
    }),
    () => ({ path: '/api', headers: { ...wsHeaders, 'Sec-WebSocket-Key': key, Origin: `http://${odd()}` } }),
    () => ({ path: '/api', headers: { ...wsHeaders, 'Sec-WebSocket-Key': key, Host: odd() || 'x' } }),
    () => ({ path: `/${odd()}`, headers: { ...wsHeaders, 'Sec-WebSocket-Key': key } }),
    () => ({ path: `/${odd()}/../${odd()}`, method: random.pick(['GET', 'HEAD']), headers: { Host: 'evil.example' } }),
    () => ({ path: `/${odd()}`, method: random.pick(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']), headers: {} }),
    () => ({ path: '/', headers: { 'X-Long': 'x'.repeat(9000) } }),
  ]
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, timeout: 20_000, ...random.pick(kinds)() })
    asked.on('response', (response) => {
      response.resume()
      response.on('close', () => resolve(`HTTP ${response.statusCode}`))
    })
    asked.on('upgrade', (_response, socket, head: Buffer) => {
      // A wrong token is told by a close frame: a page may not hear of it otherwise.
      const read = (data: Buffer) => {
        resolve(`upgraded, closed with ${data.readUInt16BE(2)}`)
        socket.destroy()
      }
      if (head.length > 0) read(head)
      else socket.once('data', read)
    })
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(`error ${error.code}`))
    asked.on('timeout', () => asked.destroy())
    asked.end()
  })
}
