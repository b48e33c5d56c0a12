// Guarantee: whatever stands in the request line becomes a path that Express can read, and never one with a host in it.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { originForm } from './origin-form.ts';

for (const [target, form] of [
  ['/v1/models?a=b', '/v1/models?a=b'],
  ['/v1/models#part', '/v1/models'],
  ['/v1/models?a=/b#part?c', '/v1/models?a=/b'],
  ['//evil.example/v1', '//evil.example/v1'],
  ['http://localhost:8080/v1/models?a=b', '/v1/models?a=b'],
  ['HTTPS://localhost/v1', '/v1'],
  ['http://localhost', '/'],
  ['http://localhost?a=b', '/?a=b'],
  ['http://[bad/v1', '/v1'],
  ['http://localhost:x:y/v1', '/v1'],
  ['foo://bar', '/'],
  ['http://user@evil.example//v1', '//v1'],
  ['*', '/*'],
  ['', '/'],
] as const) {
  test(`${target} is ${form}`, () => assert.equal(originForm(target), form));
}
