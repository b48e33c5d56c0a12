import { constants } from 'node:fs';
import { lstat, open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MediaError, tooLarge } from './media-error.ts';
import { SNIFFED_BYTES } from './sniff-media-type.ts';

/** Whether a text names a local file: an absolute path or a file URL. */
export function isLocalPath(text: string): boolean {
  return text.startsWith('/') || /^file:/i.test(text.slice(0, 5));
}

/** A pipe must not block, and a terminal must not become the controlling terminal. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Reads files inside the allowed directories only. All refusals have the same message, so that they reveal nothing about
 * the disk.
 */
export class LocalFileReader {
  /** @param directories absolute paths */
  constructor(private readonly directories: readonly string[]) {}

  /**
   * The content of a regular file.
   *
   * @param checkHead throws for unwanted first bytes, before the rest is read
   */
  async read(text: string, maxBytes: number, checkHead: (head: Buffer) => void): Promise<Buffer> {
    const path = toPath(text);
    if (path === undefined || !(await this.isInside(path))) throw notAllowed();
    const file = await open(path, OPEN_FLAGS).catch((error: unknown) => {
      throw notAllowed(error);
    });
    try {
      const stats = await file.stat();
      if (!stats.isFile() || !(await this.isReallyInside(file, path))) throw notAllowed();
      if (stats.size > maxBytes) throw tooLarge(maxBytes);
      checkHead(await readUpTo(file, SNIFFED_BYTES, 0));
      const content = await readUpTo(file, maxBytes + 1, stats.size);
      if (content.length > maxBytes) throw tooLarge(maxBytes);
      return content;
    } finally {
      await file.close();
    }
  }

  /** Checks the path alone, so that paths outside the directories are not accessed. */
  private async isInside(path: string): Promise<boolean> {
    return isBelow(path, [
      ...this.directories.map((directory) => resolve(directory)),
      ...(await this.realDirectories()),
    ]);
  }

  /** Whether the open file is inside the directories, whatever its path names now. */
  private async isReallyInside(file: FileHandle, path: string): Promise<boolean> {
    try {
      return isBelow(await realPathOf(file, path), await this.realDirectories());
    } catch {
      return false;
    }
  }

  private async realDirectories(): Promise<string[]> {
    const directories = this.directories.map((directory) => realpath(directory).catch(() => undefined));
    return (await Promise.all(directories)).filter((directory) => directory !== undefined);
  }
}

/**
 * The path of an open file with all links resolved. Linux reports it for the file descriptor, so that swapping a directory
 * for a link between two steps has no effect. Elsewhere resolves the path again and compares the file's identity.
 */
async function realPathOf(file: FileHandle, path: string): Promise<string> {
  if (process.platform === 'linux') return readlink(`/proc/self/fd/${file.fd}`);
  const real = await realpath(path);
  const [named, opened] = await Promise.all([lstat(real, { bigint: true }), file.stat({ bigint: true })]);
  if (named.ino !== opened.ino || named.dev !== opened.dev) throw new Error('the path names another file');
  return real;
}

function isBelow(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => path.startsWith(directory.endsWith(sep) ? directory : directory + sep));
}

/** Longer than any system accepts, with each character encoded. */
const MAX_PATH_CHARACTERS = 16_384;

function toPath(text: string): string | undefined {
  if (text.length > MAX_PATH_CHARACTERS) return undefined;
  try {
    const path = text.startsWith('/') ? text : fileURLToPath(text);
    return isAbsolute(path) && !path.includes('\0') ? resolve(path) : undefined;
  } catch {
    return undefined;
  }
}

/** The first bytes of a file, at most `limit`. */
async function readUpTo(file: FileHandle, limit: number, expected: number): Promise<Buffer> {
  let buffer = Buffer.alloc(Math.min(limit, Math.max(expected + 1, SNIFFED_BYTES)));
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length === limit) return buffer.subarray(0, length);
    // The file has grown meanwhile.
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(limit, buffer.length * 2));
  }
}

function notAllowed(cause?: unknown): MediaError {
  const message = 'it is not a file in one of the directories that this service may read (file_access.additional_dirs)';
  return new MediaError('local_file_not_allowed', message, { cause });
}
