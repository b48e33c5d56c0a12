import { LRUCache } from 'lru-cache';
import { checkToolSchema } from './check-tool-schema.ts';
import { PropertyNames } from '../property-names/property-names.ts';
import { bringForward, isOfOlderDraft } from '../json-schema/bring-forward.ts';
import { allSchemas, type Schema } from '../json-schema/subschemas.ts';

/** The parameters of a function as the gateway understands them. */
export interface ToolSchema {
  /** Of draft 2020-12, and of type object. Equal parameters give the same one. */
  readonly schema: Schema;
  /** How many schemas are in it, where it has to be rewritten for the model; else 0. */
  readonly rewrittenParts: number;
}

/** Agents send the same tools with every request: what schemas were made of lately, by their JSON. */
const known = new LRUCache<string, ToolSchema>({ max: 1_000, maxSize: 2_000_000, maxEntrySize: 100_000 });

/**
 * The parameters of a function as a schema of draft 2020-12, which is the only one that the Messages API takes. One that is
 * of that draft already is given as it is. Throws a GatewayError of status 400 for a schema that the model could not be
 * given.
 *
 * @param path where the parameters stand in the body
 */
export function toToolSchema(parameters: Schema, path: string): ToolSchema {
  const json = JSON.stringify(parameters);
  let tool = known.get(json);
  if (!tool) {
    tool = understand(parameters, path);
    known.set(json, tool, { size: json.length });
  }
  return tool;
}

function understand(parameters: Schema, path: string): ToolSchema {
  const schemas = allSchemas(parameters);
  const isOlder = schemas.some(isOfOlderDraft);
  const current = isOlder ? withoutDraft(bringForward(parameters)) : parameters;
  checkToolSchema(current, path);
  const schema = { ...current, type: 'object' };
  return { schema, rewrittenParts: isOlder || PropertyNames.areNeeded(schema) ? schemas.length : 0 };
}

/** Without what says in which draft it was written. */
function withoutDraft({ $schema: _draft, ...rest }: Schema): Schema {
  return rest;
}
