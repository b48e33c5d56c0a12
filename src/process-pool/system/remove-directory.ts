import { rm } from 'node:fs/promises';

/** Removes a directory with its content, without blocking the event loop. Never rejects; `onProblem` gets the error. */
export async function removeDirectory(
  directory: string,
  onProblem: (error: Error) => void = () => undefined,
): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    onProblem(error as Error);
  }
}
