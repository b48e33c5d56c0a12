// Guarantee: middlewares that stand together behave as if Nest had been given each of them.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { NestMiddleware } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { inOrder } from './in-order.ts';

const request = {} as Request;
const response = {} as Response;

/** A middleware of each handler, put together. */
async function together(handlers: readonly RequestHandler[]): Promise<NestMiddleware> {
  const middlewares = handlers.map(
    (use) =>
      class implements NestMiddleware {
        readonly use = use;
      },
  );
  const middleware = inOrder(middlewares);
  const module = await Test.createTestingModule({ providers: [...middlewares, middleware] }).compile();
  return module.get<NestMiddleware>(middleware);
}

/** What is told to what comes behind a middleware. */
function tellingOf(middleware: NestMiddleware): Promise<unknown[]> {
  return new Promise((resolve) => {
    middleware.use(request, response, ((...told: unknown[]) => resolve(told)) as NextFunction);
  });
}

async function run(handlers: readonly RequestHandler[]): Promise<unknown[]> {
  return tellingOf(await together(handlers));
}

test('each runs when the one before it is done, then what comes behind them', async () => {
  const order: string[] = [];
  const handlers: RequestHandler[] = [
    (_request, _response, next) => {
      order.push('first');
      next();
      order.push('first is back');
    },
    async (_request, _response, next) => {
      await Promise.resolve();
      order.push('second');
      next();
    },
  ];
  assert.deepEqual(await run(handlers), []);
  assert.deepEqual(order, ['first', 'first is back', 'second']);
});

test('one that does not go on ends it', async () => {
  const handlers: RequestHandler[] = [() => undefined, () => assert.fail('was run')];
  const middleware = await together(handlers);
  const end = new Promise((resolve) => setImmediate(resolve, 'nothing'));
  assert.equal(await Promise.race([tellingOf(middleware), end]), 'nothing');
});

test('null is no error, as for Express', async () => {
  let isRun = false;
  const handlers: RequestHandler[] = [
    (_request, _response, next) => next(null),
    (_request, _response, next) => {
      isRun = true;
      next();
    },
  ];
  assert.deepEqual([await run(handlers), isRun], [[], true]);
});

test('what fails is told to those who answer errors, and the rest does not run', async () => {
  const failure = new Error('no');
  const failing: Readonly<Record<string, RequestHandler>> = {
    'throws': () => {
      throw failure;
    },
    'rejects': () => Promise.reject(failure),
    'says so': (_request, _response, next) => next(failure),
  }; // prettier-ignore
  const before: RequestHandler = (_request, _response, next) => next();
  const never: RequestHandler = () => assert.fail('was run');
  for (const [name, handler] of Object.entries(failing)) {
    assert.deepEqual(await run([before, handler, never]), [failure], name);
  }
  // Nothing that says no more than that is taken for success.
  for (const nothing of [undefined, null, 'route', 'router']) {
    const [told] = await run([before, () => Promise.reject(nothing), never]);
    assert.ok(told instanceof Error);
  }
});
