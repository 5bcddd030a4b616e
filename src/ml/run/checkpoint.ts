import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { decodeSafetensors, encodeSafetensors } from '../../shared/safetensors.ts'
import type { StoredState } from '../../shared/safetensors.ts'
import { saveFile } from './artifact.ts'
import type { SavedFile } from './artifact.ts'

/** What a checkpoint says of itself beside its arrays. */
export interface CheckpointOwner {
  kind: string
  params: Record<string, unknown>
}

/** Writes a checkpoint so that it is there whole or not at all; never over one that the core has yet to take in. */
export function saveCheckpoint(folder: string, owner: CheckpointOwner, step: number, state: StoredState): SavedFile {
  const metadata = { format: 'atelier-1', kind: owner.kind, step: String(step), params: JSON.stringify(owner.params) }
  const bytes = encodeSafetensors(state, metadata)
  let file = `checkpoints/step-${step}.safetensors`
  for (let again = 2; existsSync(path.join(folder, file)); again++)
    file = `checkpoints/step-${step}-${again}.safetensors`
  return saveFile(folder, file, bytes)
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
