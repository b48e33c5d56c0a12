import { createHash } from 'node:crypto';
import { Gateway, type GatewayOptions } from '../test/support/gateway.ts';
import { INSTANT } from '../test/support/pace.ts';
import { lastText, ScriptedMessagesApi, text } from '../test/support/scripted-messages-api.ts';
import { KEY } from './contestants.ts';

/**
 * A service with everything on that stands in the way of a request: a key with limits, those of the service, CORS, the
 * cache, the log.
 *
 * @param environment as `GatewayOptions` has it
 */
export function startService(
  api: ScriptedMessagesApi,
  processes: number,
  environment: GatewayOptions['environment'] = {},
): Promise<Gateway> {
  const settings = {
    AUTH__KEYS: JSON.stringify([
      {
        name: 'bench',
        sha256: createHash('sha256').update(KEY).digest('hex'),
        requests_per_minute: 1e6,
        tokens_per_minute: 1e9,
        max_simultaneous: 64,
        daily_cost_usd: 1e6,
      },
    ]),
    LIMITS__REQUESTS_PER_MINUTE: '1000000',
    LIMITS__DAILY_COST_USD: '1000000',
    CORS__ENABLED: 'true',
    CORS__ALLOWED_ORIGINS: '["https://app.example"]',
    CACHE__ENABLED: 'true',
    CLAUDE__MAX_CONCURRENT_SESSIONS: String(processes),
    PROCESS_POOL__MIN_IDLE: '2',
    PROCESS_POOL__SIZE: String(processes),
    PROCESS_POOL__MAX_IDLE: String(processes),
  };
  return Gateway.start({ settings, api, environment });
}

/** Answers at once, so that every figure is what stands between a client and the model. */
export async function startApi(): Promise<ScriptedMessagesApi> {
  const api = await ScriptedMessagesApi.start({ pace: INSTANT });
  api.respond(({ body }) => text(`You said: ${lastText(body)}`));
  return api;
}
