import { jest } from '@jest/globals';

/** All that jest could replace: everything but the named ones stays real. */
const REPLACEABLE = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;
const CLEARED_BY = { setTimeout: 'clearTimeout', setInterval: 'clearInterval', Date: undefined } as const;

/** Replaces some of the globals, until `jest.useRealTimers()`. @param now what Date begins with */
export function fakeTimers(names: readonly (keyof typeof CLEARED_BY)[], now = 0): void {
  const faked = new Set<string | undefined>(names.flatMap((name) => [name, CLEARED_BY[name]]));
  jest.useFakeTimers({ now, doNotFake: REPLACEABLE.filter((name) => !faked.has(name)) });
}
