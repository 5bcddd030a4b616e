/** A person's verdict, "samples turned good at epoch n", is kept as a tag `good@n` of the run. */
const pattern = /^good@(\d+(?:\.\d+)?)$/

/** The epoch at which the samples turned good, or null when nobody has said so. */
export function goodEpoch(tags: readonly string[]): number | null {
  for (const tag of tags) {
    const found = pattern.exec(tag)
    if (found) return Number(found[1])
  }
  return null
}

/** The tags with the verdict set to an epoch, or taken away with null. */
export const withGoodEpoch = (tags: readonly string[], epoch: number | null): string[] => [
  ...tags.filter((tag) => !pattern.test(tag)),
  ...(epoch === null ? [] : [`good@${epoch}`]),
]

export const isGoodTag = (tag: string) => pattern.test(tag)
