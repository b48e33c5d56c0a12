import { LRUCache } from 'lru-cache';
import { checkToolSchema } from './check-tool-schema.ts';
import { PropertyNames } from '../property-names/property-names.ts';
import { bringForward, isOfOlderDraft } from '../json-schema/bring-forward.ts';
import { allSchemas, type Schema } from '../json-schema/subschemas.ts';

/** The parameters of a function in the gateway's form. */
export interface ToolSchema {
  /** Of draft 2020-12, and of type object. Equal parameters give the same object. */
  readonly schema: Schema;
  /** The number of schemas in it, if it is rewritten for the model; otherwise 0. */
  readonly rewrittenParts: number;
}

/** A cache by JSON, because agents send the same tools with every request. */
const known = new LRUCache<string, ToolSchema>({ max: 1_000, maxSize: 2_000_000, maxEntrySize: 100_000 });

/**
 * Converts the parameters of a function to draft 2020-12, the only one that the Messages API accepts. Returns a schema of
 * that draft unchanged. Throws a GatewayError of status 400 if the schema cannot be sent to the model.
 *
 * @param path the path of the parameters in the body
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

/** Removes the draft's identifier. */
function withoutDraft({ $schema: _draft, ...rest }: Schema): Schema {
  return rest;
}
