/** How far a preparation is: 0 to 1, or null while that is not known, and what it does. */
export interface PreparationProgress {
  fraction: number | null
  message: string
}

export interface PreparationOptions {
  onProgress?: (progress: PreparationProgress) => void
  /** Ends the preparation with the signal's reason and leaves nothing behind. */
  signal?: AbortSignal
}

/** Progress of one part of a work, told as its share of the whole. */
export const part =
  (onProgress: PreparationOptions['onProgress'], from: number, to: number) =>
  (fraction: number, message: string): void =>
    onProgress?.({ fraction: from + (to - from) * Math.min(1, Math.max(0, fraction)), message })
