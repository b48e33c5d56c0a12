import { checkPossible, checkSize, checkStructure, checkSyntax } from './check-output-schema.ts';
import { normalizeSchema } from '../../turns/json-schema/normalize-schema.ts';
import { OBJECT_INSTRUCTION, schemaInstruction } from './output-instruction.ts';
import { SchemaReferences } from '../../turns/json-schema/schema-references.ts';
import type { Schema } from '../../turns/json-schema/subschemas.ts';
import { toConstrainedSchema } from './to-constrained-schema.ts';

/** The required format of an answer's text. */
export interface OutputFormat {
  /** The schema for constrained decoding by the Messages API; undefined if that is impossible. */
  readonly constrained: Schema | undefined;
  /** Asks the model for the format when decoding is not constrained. */
  readonly instruction: string;
  /** Whether the answer must be an object. */
  readonly requiresObject: boolean;
  /** The schema of the JSON, in draft 2020-12; undefined if any JSON, or any object, is valid. */
  readonly schema: Schema | undefined;
  /** The client's name of the parameter with the format. */
  readonly parameter: string;
  /** The path of the schema in the body. */
  readonly field: string;
}

/** The position of a schema in a request, and the client's names for the answer. */
export interface SchemaPlace {
  readonly parameter: string;
  readonly field: string;
  readonly title?: string;
  readonly description?: string;
}

/** Any JSON object. @param parameter the client's name of the parameter with the format */
export function anyObject(parameter: string): OutputFormat {
  return {
    constrained: undefined,
    instruction: OBJECT_INSTRUCTION,
    requiresObject: true,
    schema: undefined,
    parameter,
    field: parameter,
  };
}

/**
 * JSON that is valid against a schema. Throws a GatewayError of status 400, with the path in `param`, for a schema that
 * cannot be used or satisfied, as far as that shows before it is compiled.
 *
 * @param field the path of the schema in the body
 */
export function formatOfSchema(original: Schema, { parameter, field, ...words }: SchemaPlace): OutputFormat {
  checkSize(original, field);
  const schema = normalizeSchema(original);
  const references = new SchemaReferences(schema);
  checkStructure(references, field);
  checkSyntax(schema, field);
  checkPossible(schema, references, field);
  const constrained = toConstrainedSchema(schema, references);
  return {
    constrained: constrained && { ...words, ...constrained },
    instruction: schemaInstruction(schema, words.description),
    requiresObject: constrained !== undefined || schema['type'] === 'object',
    schema,
    parameter,
    field,
  };
}
