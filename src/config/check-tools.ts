import { closest } from './closest.ts';
import type { Settings } from './settings.ts';

/**
 * Tools that the CLI confines to the working directory and `file_access.additional_dirs`, or asks permission for. All
 * others are refused, known or not: Bash and Monitor run commands, Agent and Workflow use tools of their own, Cron and
 * SendMessage act later or elsewhere, and future tools are unreviewed.
 */
const CONFINED_TOOLS: readonly string[] = [
  'Read', 'Grep', 'Glob', 'Edit', 'Write', 'NotebookEdit', 'WebFetch', 'WebSearch',
]; // prettier-ignore

/**
 * @param isAnonymous whether requests need no key
 */
export function checkTools({ claude, file_access: files }: Settings, isAnonymous: boolean): string[] {
  if (files.skipPermissions) {
    return isAnonymous
      ? ['file_access.skip_permissions: needs keys, since it lets clients act as the user of this service; make one with "ccapi keys add NAME --agent"'] // prettier-ignore
      : [];
  }
  return claude.tools.filter((tool) => !CONFINED_TOOLS.includes(tool)).map(notConfined);
}

function notConfined(tool: string): string {
  const meant = closest(tool, CONFINED_TOOLS);
  if (meant !== undefined)
    return `claude.tools: ${tool} is none of ${CONFINED_TOOLS.join(', ')}; did you mean ${meant}?`;
  return `claude.tools: ${tool} is not confined to file_access.additional_dirs: a prompt could read every file that this service can read, and its API key. Remove it, or set file_access.skip_permissions to accept that for all who have a key`;
}
