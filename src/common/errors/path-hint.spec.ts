// Guarantee: a path that is no route is answered with the endpoint that was most likely meant.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { pathHint } from './path-hint.ts';

for (const [path, endpoint] of [
  ['/openai/v1/chat/completions', 'POST /v1/chat/completions'],
  ['/openai/deployments/gpt-4o/chat/completions', 'POST /v1/chat/completions'],
  ['/v1beta/openai/chat/completions', 'POST /v1/chat/completions'],
  ['/v1%2Fchat%2Fcompletions', 'POST /v1/chat/completions'],
  ['/v1%20/chat/completions', 'POST /v1/chat/completions'],
  ['/v1/engines/davinci/completions', 'POST /v1/completions'],
  ['/api/v1/models', 'GET /v1/models'],
  ['/API//Models/gpt-4o', 'GET /v1/models'],
  ['/openai/v1/responses', 'POST /v1/responses'],
  ['/openai/v1/conversations/conv_1', '/v1/conversations'],
  ['/v1/stats', 'GET /stats'],
  ['/v1/health', 'GET /health/ready'],
  [
    '/v1/v1/messages',
    "POST /v1/messages; the base URL of Anthropic's clients is the address of this service without /v1",
  ],
] as const) {
  test(`${path} should be ${endpoint}`, () => assert.ok(pathHint(path).startsWith(`Use ${endpoint}`), pathHint(path)));
}

for (const [path, what] of [
  ['/v1/embeddings', 'embeddings'],
  ['/api/chat', 'Ollama'],
  ['/api/tags', 'Ollama'],
  ['/v1/audio/speech', 'audio'],
] as const) {
  test(`${path} is told to be of the ${what}, and what there is instead`, () => {
    assert.match(pathHint(path), new RegExp(`^This service does not have .*${what}.*Use POST /v1/chat/completions`));
  });
}

test('what stands below the messages of Anthropic is told to be missing', () => {
  assert.match(pathHint('/v1/messages/count_tokens'), /^This service does not have the counting of tokens\. Use POST \/v1\/messages/); // prettier-ignore
  assert.match(pathHint('/v1/messages/batches/b_1'), /^This service does not have batches of messages\. Use POST \/v1\/messages/); // prettier-ignore
});

for (const path of ['/', '/%', '/nothing', `/${'x/'.repeat(8000)}`]) {
  test(`${path.slice(0, 20)} is told where the API is`, () => {
    assert.match(pathHint(path), /^Use POST \/v1\/chat\/completions or GET \/v1\/models; the base URL/);
  });
}
