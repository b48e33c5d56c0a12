import { invalidRequest } from '../errors/gateway-error.ts';

/** Deeper than useful schemas, and far below the depth at which recursive code (JSON.stringify too) overflows the stack. */
const MAX_DEPTH = 256;

/** Throws a GatewayError of status 400 if a value is nested too deeply. */
export function checkNesting(value: unknown, param: string): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) {
      throw invalidRequest(`Invalid '${param}': nested more than ${MAX_DEPTH} levels deep.`, param, 'invalid_value');
    }
    const next: unknown[] = [];
    for (const parent of level) {
      for (const child of Object.values(parent as object)) {
        if (typeof child === 'object' && child !== null) next.push(child);
      }
    }
    level = next;
  }
}
