import { checkPossible, checkSize, checkStructure, checkSyntax } from './check-output-schema.ts';
import { normalizeSchema } from '../../turns/json-schema/normalize-schema.ts';
import { OBJECT_INSTRUCTION, schemaInstruction } from './output-instruction.ts';
import { SchemaReferences } from '../../turns/json-schema/schema-references.ts';
import type { Schema } from '../../turns/json-schema/subschemas.ts';
import { toConstrainedSchema } from './to-constrained-schema.ts';

/** What the text of an answer has to be. */
export interface OutputFormat {
  /** What the Messages API holds the decoding to; undefined where it can be held to nothing. */
  readonly constrained: Schema | undefined;
  /** Asks the model for the format where decoding is not held to it. */
  readonly instruction: string;
  /** Whether only an object can be right. */
  readonly requiresObject: boolean;
  /** What JSON has to be valid against, in draft 2020-12; undefined where any JSON is right, or any object. */
  readonly schema: Schema | undefined;
  /** The client's name of what asks for the format. */
  readonly parameter: string;
  /** Where the schema stands in the body. */
  readonly field: string;
}

/** Where a schema stands in a request, and what the client calls the answer. */
export interface SchemaPlace {
  readonly parameter: string;
  readonly field: string;
  readonly title?: string;
  readonly description?: string;
}

/** Any JSON object. @param parameter the client's name of what asks for the format */
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
 * JSON that is valid against a schema. Throws a GatewayError of status 400, whose param is the place in the body, for a
 * schema that cannot be used or met, as far as that can be told before it is compiled.
 *
 * @param field where the schema stands in the body
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
