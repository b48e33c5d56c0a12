// Guarantee: the settings reach every provider, by class and by name, and no variable of the environment comes with them.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Test, type TestingModule } from '@nestjs/testing';
import { loadSettings } from './load-settings.ts';
import { SettingsModule } from './settings.module.ts';
import { LimitsSettings, SECTIONS, ServerSettings } from './settings.ts';

@Injectable()
class Consumer {
  constructor(
    readonly server: ServerSettings,
    readonly limits: LimitsSettings,
    readonly config: ConfigService,
  ) {}
}

@Module({ providers: [Consumer] })
class ConsumerModule {}

const settings = loadSettings({
  environment: { CLAUDE_CODE__SERVER__PORT: '2222' },
  directory: import.meta.dirname,
});

const compile = (): Promise<TestingModule> =>
  Test.createTestingModule({ imports: [SettingsModule.with(settings), ConsumerModule] }).compile();

test('each section is injected by its class, as the instance that was loaded', async () => {
  const module = await compile();
  const { server, limits } = module.get(Consumer, { strict: false });
  assert.equal(server, settings.server);
  assert.equal(limits, settings.limits);
  for (const [name, SectionClass] of Object.entries(SECTIONS))
    assert.equal(module.get<object>(SectionClass, { strict: false }), settings[name as keyof typeof SECTIONS]);
});

test('ConfigService has each section under its name', async () => {
  const { config } = (await compile()).get(Consumer, { strict: false });
  for (const name of Object.keys(SECTIONS)) assert.equal(config.get(name), settings[name as keyof typeof SECTIONS]);
  assert.deepEqual([config.get('server.port'), config.get('process_pool.maxIdle')], [2222, 5]);
});

test('ConfigService has no variable of the environment, and the environment stays as it was', async () => {
  process.env['CONFIG_TEST_SECRET'] = 'secret';
  const before = { ...process.env };
  try {
    const { config } = (await compile()).get(Consumer, { strict: false });
    assert.deepEqual([config.get('CONFIG_TEST_SECRET'), config.get('PATH'), config.get('server.PATH')], [undefined, undefined, undefined]); // prettier-ignore
    assert.deepEqual({ ...process.env }, before);
  } finally {
    delete process.env['CONFIG_TEST_SECRET'];
  }
});
