/** Lets tasks run side by side while their costs together stay within a capacity; a dearer one runs alone. */
export type Limiter = <T>(cost: number, task: () => Promise<T>) => Promise<T>

/** A limiter that starts tasks in the order in which they came. */
export function createLimiter(capacity: number): Limiter {
  let used = 0
  const waiting: { cost: number; start: () => void }[] = []
  const admit = () => {
    for (let next = waiting[0]; next && (used === 0 || used + next.cost <= capacity); next = waiting[0]) {
      waiting.shift()
      used += next.cost
      next.start()
    }
  }
  return async (cost, task) => {
    await new Promise<void>((start) => {
      waiting.push({ cost, start })
      admit()
    })
    try {
      return await task()
    } finally {
      used -= cost
      admit()
    }
  }
}

/** Does `work` on all items, at most `window` at a time, and yields the results in the items' order. */
export async function* mapInOrder<T, R>(
  items: Iterable<T>,
  window: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = []
  for (const item of items) {
    const result = work(item)
    // Whoever awaits it gets the error; until then it must not count as unhandled.
    result.catch(() => {})
    running.push(result)
    if (running.length >= window) yield await running.shift()!
  }
  for (const result of running) yield await result
}
