import type { CatalogueModel } from '../claude-cli/session/initialization.ts';
import type { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { serviceUnavailable } from './from-pool-problem.ts';

/** The models that the CLI can serve. Throws a GatewayError with the reason until the CLI has reported them. */
export function knownCatalogue(pool: Pick<ProcessPoolService, 'catalogue' | 'status'>): readonly CatalogueModel[] {
  const { catalogue } = pool;
  if (catalogue.length > 0) return catalogue;
  const { problem, state } = pool.status();
  if (state === 'draining')
    throw serviceUnavailable({ code: 'draining', message: 'The service is shutting down. Please try again.' }, 5);
  if (problem) throw serviceUnavailable(problem, 10);
  throw serviceUnavailable({ code: 'starting', message: 'The service is still starting. Please try again.' }, 1);
}
