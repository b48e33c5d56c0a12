// Guarantee: parallel calls are whole at whatever pace the API streams, with one request of the model each, with an API key
// and without one.
import { test } from '@jest/globals';
import { combinations, requestCalls, scriptCalls } from '../support/calls-at-pace.ts';
import { Gateway } from '../support/gateway.ts';

for (const [mode, environment] of [
  ['with an API key', { ANTHROPIC_API_KEY: 'sk-test', CLAUDE_CODE_OAUTH_TOKEN: undefined }],
  ['without an API key', { ANTHROPIC_API_KEY: undefined, CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-test' }],
] as const) {
  test(`two and five calls, streamed and whole, with and without thinking, 5 to 100 ms between events, ${mode}`, async () => {
    const gateway = await Gateway.start({ environment });
    scriptCalls(gateway);
    await Promise.all(
      combinations([5, 20, 100]).map((combination, round) => requestCalls(gateway, combination, round)),
    );
    await gateway.stop();
  });
}
