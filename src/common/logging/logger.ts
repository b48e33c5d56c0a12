import { Injectable, type LoggerService } from '@nestjs/common';
import { pino, type Logger as PinoLogger } from 'pino';
import { LoggingSettings } from '../../config/settings.ts';
import { logOutput } from './log-output.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Writes JSON lines to stdout. Callers never pass prompts, answers or keys. */
@Injectable()
export class Logger {
  private readonly pino: PinoLogger;

  constructor(settings: LoggingSettings) {
    const options = {
      level: settings.level,
      base: null,
      serializers: { error: describeError },
      redact: [...settings.redact],
    };
    this.pino = pino(options, logOutput());
  }

  debug(fields: Fields, message: string): void {
    this.pino.debug(fields, message);
  }

  info(fields: Fields, message: string): void {
    this.pino.info(fields, message);
  }

  warn(fields: Fields, message: string): void {
    this.pino.warn(fields, message);
  }

  error(fields: Fields, message: string): void {
    this.pino.error(fields, message);
  }

  /** Nest's own log: its start at debug level, warnings and errors unchanged. */
  forNest(): LoggerService {
    const write =
      (level: 'debug' | 'warn' | 'error') =>
      (message: unknown, ...rest: unknown[]): void =>
        this.pino[level]({ context: rest.at(-1) }, String(message));
    return {
      log: write('debug'),
      debug: write('debug'),
      verbose: write('debug'),
      warn: write('warn'),
      error: write('error'),
      fatal: write('error'),
    };
  }
}

/** An error with its causes and own fields, without values of the environment. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return {
    name: error.name,
    message: error.message,
    ...('code' in error && { code: error.code }),
    ...('report' in error && { report: error.report }),
    ...('stderrTail' in error && { stderrTail: error.stderrTail }),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}
