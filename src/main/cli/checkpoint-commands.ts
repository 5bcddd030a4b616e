import type { Command } from 'commander'
import type { CommonOptions } from './connect.ts'

/** `checkpoints` and `checkpoint name|unname`; their work is loaded when they are called. */
export function addCheckpoints(program: Command, globals: () => CommonOptions): void {
  program
    .command('checkpoints')
    .description('lists the checkpoints of a run, or writes one to a file')
    .argument('<run>')
    .argument('[step]', 'the checkpoint to write')
    .option('--out <file>', 'the safetensors file to write')
    .action(async (run: string, step: string | undefined, options: { out?: string }) =>
      (await import('./checkpoints.ts')).getCheckpoints(run, step, { ...globals(), ...options }),
    )
  const checkpoint = program.command('checkpoint').description('names checkpoints, which are then kept for ever')
  checkpoint
    .command('name')
    .description('gives a checkpoint a name')
    .argument('<run>')
    .argument('<step>')
    .argument('<name>')
    .action(async (run: string, step: string, name: string) =>
      (await import('./checkpoints.ts')).nameCheckpoint(run, step, name, globals()),
    )
  checkpoint
    .command('unname')
    .description("takes a checkpoint's name back")
    .argument('<run>')
    .argument('<step>')
    .action(async (run: string, step: string) =>
      (await import('./checkpoints.ts')).nameCheckpoint(run, step, null, globals()),
    )
}
