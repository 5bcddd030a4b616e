import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { tokenProtocol } from '../../src/main/server/gate.ts'
import type { Contract } from '../../src/shared/api.ts'
import { root } from '../main/support.ts'

/** What `serve --json` says once it can be reached. */
interface Where {
  host: string
  port: number
  token: string
}

/** The real core as `atelier serve` starts it, in a process of its own. */
export interface ServedCore {
  child: ChildProcess
  /** Resolves when it can be reached, to null when it ended before. */
  ready: Promise<Where | null>
  /** Whether it could be reached when last looked at. */
  isReady(): boolean
  /** Ends it by SIGKILL, with no chance to finish anything. */
  kill(): Promise<void>
  /** Ends it as Ctrl-C does. */
  end(): Promise<void>
  /** What it said on its standard error. */
  said(): string
}

export function serveCore(library: string, env: NodeJS.ProcessEnv): ServedCore {
  const args = [path.join(root, 'src/main/serve.ts'), '--library', library, '--port', '0', '--json']
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said += data.toString()))
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  let isReady = false
  const line = once(lines, 'line').then(([text]) => {
    isReady = true
    return JSON.parse(text as string) as Where
  })
  const endBy = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await exited
  }
  return {
    child,
    ready: Promise.race([line, exited.then(() => null)]),
    isReady: () => isReady,
    kill: () => endBy('SIGKILL'),
    end: () => endBy('SIGTERM'),
    said: () => said,
  }
}

export type Client = ContractRouterClient<Contract>

/** Calls a served core as the window does, and hangs up. */
export async function withClient<T>({ host, port, token }: Where, work: (client: Client) => Promise<T>): Promise<T> {
  const socket = new WebSocket(`ws://${host}:${port}/api`, tokenProtocol(token))
  await once(socket, 'open')
  try {
    return await work(createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })))
  } finally {
    socket.close()
  }
}
