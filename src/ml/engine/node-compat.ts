import util from 'node:util'

/**
 * Puts back the `util.is…` predicates that Node 23 removed and tfjs-node 4.22 still calls (tensorflow/tfjs#8609), and
 * takes the place of those that are still there and warn that they are deprecated. Must run before the binding's package
 * is loaded.
 */
export function restoreUtilPredicates(): void {
  const predicates: Record<string, (value: unknown) => boolean> = {
    isArray: Array.isArray,
    isBoolean: (value) => typeof value === 'boolean',
    isFunction: (value) => typeof value === 'function',
    isNull: (value) => value === null,
    isNullOrUndefined: (value) => value === null || value === undefined,
    isNumber: (value) => typeof value === 'number',
    isObject: (value) => value !== null && typeof value === 'object',
    isString: (value) => typeof value === 'string',
    isUndefined: (value) => value === undefined,
  }
  const target = util as unknown as Record<string, unknown>
  for (const [name, predicate] of Object.entries(predicates)) target[name] = predicate
}
