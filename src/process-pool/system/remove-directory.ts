import { rm } from 'node:fs/promises';

/**
 * Removes a directory with everything in it, without holding up the event loop. One that cannot be removed stays, and
 * nothing fails for it. Never rejects.
 */
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
