/** Ids from `anchor` to `target` in the order shown, both included; only `target` when the anchor is not shown. */
export function rangeOf(ids: readonly string[], anchor: string | null, target: string): string[] {
  const to = ids.indexOf(target)
  const from = anchor === null ? to : ids.indexOf(anchor)
  if (to < 0 || from < 0) return [target]
  return ids.slice(Math.min(from, to), Math.max(from, to) + 1)
}

export interface Selected {
  ids: ReadonlySet<string>
  /** Where the next range starts. */
  anchor: string | null
}

/**
 * A click on a row's box: alone it switches that row; with `extend` (Shift) it gives every row from the anchor on the
 * state that the clicked row gets.
 */
export function toggle(selected: Selected, ids: readonly string[], target: string, extend: boolean): Selected {
  const next = new Set(selected.ids)
  const on = !next.has(target)
  for (const id of extend ? rangeOf(ids, selected.anchor, target) : [target]) {
    if (on) next.add(id)
    else next.delete(id)
  }
  return { ids: next, anchor: target }
}

/** First and one past the last row to draw, for rows of one height. */
export function windowOf(scrollTop: number, height: number, rowHeight: number, count: number, overscan: number) {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - overscan)
  const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + overscan)
  return { first, last: Math.max(first, last) }
}
