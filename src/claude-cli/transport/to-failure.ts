import type { ProcessEnd } from './claude-process.ts';
import { ClaudeCliError, CliCrashedError, CliProtocolError, CliStartError } from '../errors.ts';

/** The error for everything that is pending when a process ends. */
export function toFailure(end: ProcessEnd, command: string): ClaudeCliError {
  if (end.cause instanceof ClaudeCliError) return end.cause;
  const cause: NodeJS.ErrnoException | undefined = end.cause;
  if (cause?.code === 'ENOENT' || cause?.code === 'EACCES') {
    return new CliStartError('cli-not-found', `the CLI ${command} is missing or cannot be executed`, { cause });
  }
  if (cause) return new CliProtocolError(cause.message, { cause });
  return new CliCrashedError(end.exitCode, end.signal, end.stderrTail);
}
