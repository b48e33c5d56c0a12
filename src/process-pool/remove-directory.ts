import { rmSync } from 'node:fs';

/** Removes a directory with everything in it. One that cannot be removed stays, and nothing fails for it. */
export function removeDirectory(directory: string, onProblem: (error: Error) => void = () => undefined): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch (error) {
    onProblem(error as Error);
  }
}
