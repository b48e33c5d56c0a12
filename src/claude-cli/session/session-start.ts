import { CliCrashedError, CliStartError, lastLine } from '../errors.ts';
import type { CliConnection } from '../transport/cli-connection.ts';
import type { Turn } from '../turn/turn.ts';
import { HistoryReplay } from './history-replay.ts';
import { toInitialization, type Initialization } from './initialization.ts';
import { LiveSettings } from './live-settings.ts';

/** The deadline for the CLI's boot and answer to `initialize`. */
export const INITIALIZE_DEADLINE_MS = 60_000;

/** Uses what most turns use. Every turn sets all settings, so nothing of it stays. */
const REHEARSAL: Turn = {
  model: 'haiku',
  system: ['This is a rehearsal.'],
  history: [],
  message: { role: 'user', content: [{ type: 'text', text: 'rehearsal' }] },
  tools: [],
  settings: { temperature: 0.5, maxOutputTokens: 1000 },
};

/** Brings a process from its launch to its first turn. */
export class SessionStart {
  private initialization: Promise<Initialization> | undefined;

  constructor(
    private readonly connection: CliConnection,
    private readonly settings: LiveSettings,
    private readonly replay: HistoryReplay,
  ) {}

  /** See `ClaudeSession.initialize`. */
  initialize(system: readonly string[]): Promise<Initialization> {
    this.initialization ??= this.connection.control
      .request({ subtype: 'initialize', systemPrompt: system.length > 0 ? system : [''] }, INITIALIZE_DEADLINE_MS)
      .then(toInitialization)
      .catch((error: unknown) => {
        this.connection.kill(error as Error);
        const { stderrTail } = error instanceof CliCrashedError ? error : { stderrTail: '' };
        const reason = lastLine(stderrTail);
        throw new CliStartError('cli-start-failed', `the CLI did not start${reason && `: ${reason}`}`, {
          cause: error,
        });
      });
    return this.initialization;
  }

  /**
   * See `ClaudeSession.rehearse`.
   *
   * @param url a Messages API for the turn; without it the turn fails inside the process
   * @param takeBack rewinds the turn
   */
  async rehearse(url: string | undefined, takeBack: () => Promise<void>): Promise<void> {
    try {
      this.settings.apply(REHEARSAL, url === undefined ? 'closed' : { url });
      await this.replay.runWithoutModel(REHEARSAL.message, 'a rehearsal', INITIALIZE_DEADLINE_MS);
      this.settings.apply(REHEARSAL, 'open');
      await takeBack();
    } catch (error) {
      this.connection.kill(error as Error);
      throw new CliStartError('cli-start-failed', 'the CLI failed the rehearsal of its first turn', { cause: error });
    }
  }
}
