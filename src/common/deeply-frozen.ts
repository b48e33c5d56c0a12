/** The same plain data, of which nothing can be changed any more: for what is given to several. */
export function deeplyFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deeplyFrozen(member);
  return value;
}
