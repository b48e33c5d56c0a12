// Guarantee: a client that asks for a new answer gets one, and what it does not want kept is not kept.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { parseCacheControl, type CacheControl } from './cache-control.ts';

const BOTH = { reads: true, stores: true };
const HEADERS: [header: string | undefined, control: CacheControl][] = [
  [undefined, BOTH],
  ['', BOTH],
  ['max-age=0', BOTH],
  ['x-no-cache', BOTH],
  ['no-cache', { reads: false, stores: true }],
  ['max-age=0, No-Cache', { reads: false, stores: true }],
  ['no-store', { reads: false, stores: false }],
  ['no-cache,NO-STORE', { reads: false, stores: false }],
];
for (const [header, control] of HEADERS) {
  test(`Cache-Control: ${header} ${control.reads ? 'reads' : 'does not read'} and ${control.stores ? 'keeps' : 'does not keep'}`, () => {
    assert.deepEqual(parseCacheControl(header), control);
  });
}
