export interface Assignment {
  /** For each row its column. */
  columns: Int32Array
  /** The optimal dual variables of the columns. */
  prices: Float64Array
  cost: number
}

/**
 * The cheapest one-to-one assignment of n rows to n columns: Jonker and Volgenant 1987, "A shortest augmenting path algorithm
 * for dense and sparse linear assignment problems" (LAPJV): column reduction, reduction transfer, two rounds of
 * augmenting row reduction, and shortest augmenting paths for the rows that are left. Exact up to rounding of sums.
 * @param costs [n, n] by rows, finite
 * @param start prices of the columns to begin with, in place of the column reduction; near the optimal ones they save most of
 *   the work, and any give the same result
 * @throws RangeError if the costs are not n × n or not finite
 */
export function assign(costs: Float64Array, n: number, start?: Float64Array): Assignment {
  if (costs.length !== n * n) throw new RangeError(`${costs.length} costs are not ${n} × ${n}.`)
  for (const cost of costs)
    if (!Number.isFinite(cost)) throw new RangeError(`A cost is ${cost}; all must be finite numbers.`)
  const rowOf = new Int32Array(n).fill(-1)
  const columnOf = new Int32Array(n).fill(-1)
  const price = start ? start.slice() : new Float64Array(n)
  if (!start) reduceColumns(costs, n, price, rowOf, columnOf)
  let free = freeRows(columnOf)
  for (let round = 0; round < 2 && n > 1; round++) free = reduceRows(costs, n, price, rowOf, columnOf, free)
  augment(costs, n, price, rowOf, columnOf, free)
  let cost = 0
  for (let i = 0; i < n; i++) cost += costs[i * n + columnOf[i]!]!
  return { columns: columnOf, prices: price, cost }
}

const freeRows = (columnOf: Int32Array) => Array.from(columnOf.keys()).filter((i) => columnOf[i] === -1)

/** Each column's least cost becomes its price; its row takes it if it has none. Then rows with one column give room. */
function reduceColumns(
  costs: Float64Array,
  n: number,
  price: Float64Array,
  rowOf: Int32Array,
  columnOf: Int32Array,
): void {
  const least = price.fill(Infinity)
  const leastRow = new Int32Array(n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const cost = costs[i * n + j]!
      if (cost < least[j]!) {
        least[j] = cost
        leastRow[j] = i
      }
    }
  const wanted = new Int32Array(n)
  for (let j = n - 1; j >= 0; j--) {
    const i = leastRow[j]!
    if (wanted[i]!++ > 0) continue
    columnOf[i] = j
    rowOf[j] = i
  }
  // Reduction transfer: a row that is cheapest in one column only can lower that column's price by its margin.
  for (let i = 0; i < n; i++) {
    if (wanted[i] !== 1) continue
    const taken = columnOf[i]!
    let margin = Infinity
    for (let j = 0; j < n; j++) if (j !== taken) margin = Math.min(margin, costs[i * n + j]! - price[j]!)
    if (margin < Infinity) price[taken]! -= margin
  }
}

/** Augmenting row reduction: each free row takes its cheapest column, lowers its price, and pushes out who had it. */
function reduceRows(
  costs: Float64Array,
  n: number,
  price: Float64Array,
  rowOf: Int32Array,
  columnOf: Int32Array,
  free: number[],
): number[] {
  const left: number[] = []
  let turns = 0
  for (let k = 0; k < free.length; turns++) {
    const i = free[k++]!
    const row = i * n
    let [first, second] = [costs[row]! - price[0]!, Infinity]
    let [firstColumn, secondColumn] = [0, 0]
    for (let j = 1; j < n; j++) {
      const reduced = costs[row + j]! - price[j]!
      if (reduced >= second) continue
      if (reduced >= first) {
        second = reduced
        secondColumn = j
      } else {
        second = first
        secondColumn = firstColumn
        first = reduced
        firstColumn = j
      }
    }
    let column = firstColumn
    let owner = rowOf[column]!
    const lowered = price[column]! - (second - first)
    // Rounding may leave the price as it is, or real costs lower it by next to nothing for very long: rows that are still
    // pushed out after that wait for a path.
    const lowers = lowered < price[column]! && turns < 3 * n
    if (lowers) price[column] = lowered
    else if (owner !== -1 && second === first) {
      column = secondColumn
      owner = rowOf[column]!
    }
    columnOf[i] = column
    rowOf[column] = i
    if (owner === -1) continue
    columnOf[owner] = -1
    if (lowers) free[--k] = owner
    else left.push(owner)
  }
  return left
}

/** For each free row the cheapest path of reassignments to a free column (Dijkstra on reduced costs). */
function augment(
  costs: Float64Array,
  n: number,
  price: Float64Array,
  rowOf: Int32Array,
  columnOf: Int32Array,
  free: number[],
): void {
  const distance = new Float64Array(n)
  const from = new Int32Array(n)
  // Columns in three parts: [0, low) done, [low, up) at the least distance, [up, n) not reached.
  const order = new Int32Array(n)
  for (const start of free) {
    for (let j = 0; j < n; j++) {
      order[j] = j
      from[j] = start
      distance[j] = costs[start * n + j]! - price[j]!
    }
    let [low, up, done, least, end] = [0, 0, 0, 0, -1]
    while (end === -1) {
      if (low === up) {
        done = low
        least = distance[order[up++]!]!
        for (let k = up; k < n; k++) {
          const j = order[k]!
          const d = distance[j]!
          if (d > least) continue
          if (d < least) {
            up = low
            least = d
          }
          order[k] = order[up]!
          order[up++] = j
        }
        for (let k = low; k < up; k++)
          if (rowOf[order[k]!] === -1) {
            end = order[k]!
            break
          }
      }
      while (end === -1 && low < up) {
        const column = order[low++]!
        const i = rowOf[column]!
        const offset = costs[i * n + column]! - price[column]! - least
        for (let k = up; k < n; k++) {
          const j = order[k]!
          const d = costs[i * n + j]! - price[j]! - offset
          if (d >= distance[j]!) continue
          distance[j] = d
          from[j] = i
          if (d !== least) continue
          if (rowOf[j] === -1) {
            end = j
            break
          }
          order[k] = order[up]!
          order[up++] = j
        }
      }
    }
    for (let k = 0; k < done; k++) price[order[k]!]! += distance[order[k]!]! - least
    for (let column = end; ;) {
      const i = from[column]!
      rowOf[column] = i
      const next = columnOf[i]!
      columnOf[i] = column
      if (i === start) break
      column = next
    }
  }
}
