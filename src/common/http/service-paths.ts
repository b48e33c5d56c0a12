/**
 * Classifies paths for the guards. Paths are canonical here (canonical-path.ts) and routes are case-sensitive, so a guard
 * and the router always agree about a request.
 */

/** Whether a path belongs to the API, which counts against limits and is refused while the service drains. */
export function isApiPath(path: string): boolean {
  return path === '/v1' || path.startsWith('/v1/');
}

/** Whether a path belongs to the health checks, which need no key. */
export function isHealthPath(path: string): boolean {
  return path === '/health' || path.startsWith('/health/');
}
