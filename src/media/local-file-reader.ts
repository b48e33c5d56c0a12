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

/** A pipe must not block, and a terminal must not become that of this process. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Reads files inside the directories that the operator allows, and no others. Every refusal reads the same, so that it
 * tells nothing about what is on the disk.
 */
export class LocalFileReader {
  /** @param directories absolute paths */
  constructor(private readonly directories: readonly string[]) {}

  /**
   * The content of a regular file.
   *
   * @param checkHead throws for a file whose first bytes are not of interest; the rest of it is then not read
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

  /** By its name alone: what names a place elsewhere is not even looked at. */
  private async isInside(path: string): Promise<boolean> {
    return isBelow(path, [
      ...this.directories.map((directory) => resolve(directory)),
      ...(await this.realDirectories()),
    ]);
  }

  /** Whether the file that is open really lies inside the directories, whatever its path names by now. */
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
 * Where a file that is open lies, all links resolved. Linux tells it of the file itself, so that nothing is gained by
 * exchanging a directory for a link between two steps; elsewhere the path is resolved again and compared with the file.
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

/** More than any system takes, with each character encoded. */
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

/** The bytes from the beginning: as many as there are, at most `limit`. */
async function readUpTo(file: FileHandle, limit: number, expected: number): Promise<Buffer> {
  let buffer = Buffer.alloc(Math.min(limit, Math.max(expected + 1, SNIFFED_BYTES)));
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length === limit) return buffer.subarray(0, length);
    // A file that has grown meanwhile.
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(limit, buffer.length * 2));
  }
}

function notAllowed(cause?: unknown): MediaError {
  const message = 'it is not a file in one of the directories that this service may read (file_access.additional_dirs)';
  return new MediaError('local_file_not_allowed', message, { cause });
}
