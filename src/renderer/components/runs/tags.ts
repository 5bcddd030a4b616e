/** "a, b,, a" → ["a", "b"]: trimmed, each once, at most 60 characters long as the contract has it. */
export function parseTags(text: string): string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((tag) => tag.trim().slice(0, 60))
        .filter(Boolean),
    ),
  ]
}

/** Tags that every one of the lists has. */
export const commonTags = (lists: readonly (readonly string[])[]): string[] =>
  (lists[0] ?? []).filter((tag) => lists.every((list) => list.includes(tag)))

/** A run's tags after those common to a selection were changed from `before` to `after`: its other tags stay. */
export const retag = (own: readonly string[], before: readonly string[], after: readonly string[]): string[] => [
  ...new Set([...own.filter((tag) => !before.includes(tag) || after.includes(tag)), ...after]),
]
