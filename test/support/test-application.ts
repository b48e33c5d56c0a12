import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../../src/app.module.ts';
import { setUpApplication } from '../../src/app.setup.ts';
import { BoundedServerAdapter } from '../../src/common/http/bounded-server.adapter.ts';
import { sectionOf, ServerSettings } from '../../src/config/settings.ts';
import { loadSettings } from '../../src/config/load-settings.ts';
import { ProcessPoolService } from '../../src/process-pool/process-pool.service.ts';
import { FakePool } from './fake-pool.ts';

/** The whole service in this process, on a free port of loopback, with nothing replaced but the pool. */
export class TestApplication {
  private constructor(
    private readonly app: NestExpressApplication,
    readonly pool: FakePool,
    readonly url: string,
    /** Where it stores what it stores. */
    readonly directory: string,
  ) {}

  /** @param settings by the names of their variables, without the prefix */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<TestApplication> {
    const directory = mkdtempSync(join(tmpdir(), 'application-test-'));
    const variables = Object.entries({ LOGGING__LEVEL: 'silent', STORAGE__PATH: directory, ...settings });
    const environment = Object.fromEntries(variables.map(([name, value]) => [`CLAUDE_CODE__${name}`, value]));
    const loaded = loadSettings({ environment, directory: import.meta.dirname });
    const pool = new FakePool();
    const module = await Test.createTestingModule({
      imports: [AppModule.with(loaded, {})],
    })
      .overrideProvider(ProcessPoolService)
      .useValue(pool)
      .compile();
    const adapter = new BoundedServerAdapter(sectionOf(loaded, ServerSettings));
    const app = module.createNestApplication<NestExpressApplication>(adapter, { bodyParser: false, logger: false });
    setUpApplication(app);
    await app.listen(0, '127.0.0.1');
    return new TestApplication(app, pool, await app.getUrl(), directory);
  }

  post(body: unknown, { query = '', ...init }: RequestInit & { readonly query?: string } = {}): Promise<Response> {
    return fetch(`${this.url}/v1/chat/completions${query}`, {
      ...init,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
      body: JSON.stringify(body),
    });
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, { headers });
  }

  /** Ends it as a signal does: what runs is waited for. */
  close(): Promise<void> {
    return this.app.close();
  }

  async stop(): Promise<void> {
    // What a test has left unanswered would be waited for.
    this.app.getHttpServer().closeAllConnections();
    await this.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
