/** Provider and tool names that clients put before a model name, such as `anthropic/` or `openrouter/anthropic/`. */
const PREFIX = /^(?:[a-z][\w-]*[/:])+(?=[a-z])/i;

/** OpenRouter and others write the version with a dot, Anthropic with a hyphen. */
const DOTTED_VERSION = /^(claude-[a-z]+-\d+)\.(\d+)/;

/** The snapshot date in the notations of Anthropic, Vertex and Bedrock, and the version after it. */
const SNAPSHOT = /(?:[-@](?:\d{8}|latest))(?:-v\d+(?::\d+)?)?(?=$|\[)/;

/** Bedrock's region and provider prefix. */
const BEDROCK = /^(?:[a-z]{2,6}\.)?anthropic\./;

/** The spellings under which a client's name may be known, its own first. */
export function spellingsOf(name: string): string[] {
  const bare = name.replace(PREFIX, '');
  const lowerCase = bare.toLowerCase();
  return [...new Set([name, name.toLowerCase(), bare, lowerCase, lowerCase.replace(DOTTED_VERSION, '$1-$2')])];
}

/** The id of a model without its snapshot and region, equal for all snapshots of the model. */
export function withoutSnapshot(id: string): string {
  return id.replace(BEDROCK, '').replace(SNAPSHOT, '');
}
