import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { StoredState } from '../engine/parameters.ts'
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts'

export interface SavedCheckpoint {
  /** Relative to the attempt's folder. */
  file: string
  bytes: number
  sha256: string
}

/** What a checkpoint says of itself beside its arrays. */
export interface CheckpointOwner {
  kind: string
  params: Record<string, unknown>
}

/** Writes a checkpoint so that it is there whole or not at all: temporary name, fsync, rename. */
export function saveCheckpoint(
  folder: string,
  owner: CheckpointOwner,
  step: number,
  state: StoredState,
): SavedCheckpoint {
  const metadata = { format: 'atelier-1', kind: owner.kind, step: String(step), params: JSON.stringify(owner.params) }
  const bytes = encodeSafetensors(state, metadata)
  mkdirSync(path.join(folder, 'checkpoints'), { recursive: true })
  const file = `checkpoints/step-${step}.safetensors`
  const temporary = path.join(folder, `${file}.tmp`)
  const fd = openSync(temporary, 'w')
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path.join(folder, file))
  return { file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/**
 * Reads a checkpoint back.
 * @throws Error when the file is damaged, or was saved by another kind of experiment or at another step
 */
export function loadCheckpoint(file: string, owner: CheckpointOwner, step: number): StoredState {
  const { state, metadata } = decodeSafetensors(readFileSync(file))
  if (metadata['kind'] !== owner.kind)
    throw new Error(
      `The checkpoint belongs to an experiment of kind ${metadata['kind'] ?? 'unknown'}, not ${owner.kind}.`,
    )
  if (metadata['step'] !== String(step))
    throw new Error(`The checkpoint was saved at step ${metadata['step'] ?? 'unknown'}, not at step ${step}.`)
  return state
}
