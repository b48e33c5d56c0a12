// Guarantee: the methods of a path are those that the router serves it with.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { Controller, Delete, Get, Post } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { sectionOf, ServerSettings } from '../../config/settings.ts';
import { loadSettings } from '../../config/load-settings.ts';
import { BoundedServerAdapter } from './bounded-server.adapter.ts';
import { DeclaredRoutes } from './declared-routes.ts';

@Controller()
class RootController {
  @Get(['', 'start'])
  read(): string {
    return 'root';
  }
}

abstract class Readable {
  @Get(':id')
  read(): string {
    return 'read';
  }
}

@Controller(['things', 'old/things/'])
class ThingsController extends Readable {
  @Post()
  create(): string {
    return 'created';
  }

  @Get()
  list(): string {
    return 'list';
  }

  @Delete('/:id/')
  delete(): string {
    return 'deleted';
  }

  @Get(':id/*rest')
  below(): string {
    return 'below';
  }

  notARoute(): string {
    return 'nothing';
  }
}

let app: NestExpressApplication;
let routes: DeclaredRoutes;
let url: string;
beforeAll(async () => {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    controllers: [RootController, ThingsController],
    providers: [DeclaredRoutes],
  }).compile();
  const settings = sectionOf(loadSettings({ environment: {}, directory: import.meta.dirname }), ServerSettings);
  app = module.createNestApplication<NestExpressApplication>(new BoundedServerAdapter(settings), { logger: false });
  await app.listen(0, '127.0.0.1');
  routes = app.get(DeclaredRoutes);
  url = await app.getUrl();
});
afterAll(() => app.close());

for (const [path, methods] of [
  ['/', ['GET']],
  ['/start', ['GET']],
  ['/things', ['POST', 'GET']],
  ['/things/', ['POST', 'GET']],
  ['/things/1', ['DELETE', 'GET']],
  ['/old/things/1', ['DELETE', 'GET']],
  ['/things/1/2/3', ['GET']],
  ['/Things', []],
  ['/other', []],
  ['/things1', []],
] as const) {
  test(`${path} has ${methods.length === 0 ? 'no methods' : methods.join(' and ')}, as the router has it`, async () => {
    assert.deepEqual(routes.methodsOf(path).toSorted(), methods.toSorted());
    for (const method of ['GET', 'POST', 'DELETE', 'PUT']) {
      const { status } = await fetch(`${url}${path}`, { method });
      assert.equal(status === 404, !methods.includes(method as never), method);
    }
  });
}

test('a path that is not encoded properly has methods too', () => {
  assert.deepEqual(routes.methodsOf('/things/%E0%A4%A'), ['DELETE', 'GET']);
});
