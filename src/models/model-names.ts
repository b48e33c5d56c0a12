/** Names of providers and tools that clients put in front of a model's, as in `anthropic/` or `openrouter/anthropic/`. */
const PREFIX = /^(?:[a-z][\w-]*[/:])+(?=[a-z])/i;

/** OpenRouter and others write the version with a dot, Anthropic with a hyphen. */
const DOTTED_VERSION = /^(claude-[a-z]+-\d+)\.(\d+)/;

/** The date of a snapshot, as Anthropic, Vertex and Bedrock write it, and what comes behind it. */
const SNAPSHOT = /(?:[-@](?:\d{8}|latest))(?:-v\d+(?::\d+)?)?(?=$|\[)/;

/** Which provider Bedrock has the model from, and in which region it runs. */
const BEDROCK = /^(?:[a-z]{2,6}\.)?anthropic\./;

/** The forms in which a name that a client sent may be known, the one that it sent first. */
export function spellingsOf(name: string): string[] {
  const bare = name.replace(PREFIX, '');
  const lowerCase = bare.toLowerCase();
  return [...new Set([name, name.toLowerCase(), bare, lowerCase, lowerCase.replace(DOTTED_VERSION, '$1-$2')])];
}

/** The id of a model without its snapshot and its place, which it has in common with every other snapshot of it. */
export function withoutSnapshot(id: string): string {
  return id.replace(BEDROCK, '').replace(SNAPSHOT, '');
}
