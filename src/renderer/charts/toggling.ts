/**
 * The hidden series after a click on one in the legend: it is shown or hidden; `alone` shows it and nothing else, or
 * everything again when it was alone already.
 */
export function toggled(
  hidden: ReadonlySet<string>,
  keys: readonly string[],
  key: string,
  alone: boolean,
): Set<string> {
  if (!alone) {
    const next = new Set(hidden)
    if (!next.delete(key)) next.add(key)
    return next
  }
  const others = keys.filter((k) => k !== key)
  const isAlone = !hidden.has(key) && others.every((k) => hidden.has(k))
  return new Set(isAlone ? [] : others)
}
