import type { ChatCompletionRequest } from '../../chat/request/dto/chat-completion-request.ts';
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
  /** Where the schema stands in the body. */
  readonly field: string;
}

/** What a client calls the answer. */
interface Words {
  readonly title?: string;
  readonly description?: string;
}

const ANY_OBJECT: OutputFormat = {
  constrained: undefined,
  instruction: OBJECT_INSTRUCTION,
  requiresObject: true,
  schema: undefined,
  field: 'response_format',
};

/**
 * The format that a request asks for; undefined for plain text. Throws a GatewayError of status 400, whose param is the
 * place in the body, for a schema that cannot be used or met, as far as that can be told before it is compiled.
 */
export function mapResponseFormat(format: ChatCompletionRequest['response_format']): OutputFormat | undefined {
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') {
    return format.schema ? ofSchema(format.schema, 'response_format.schema', {}) : ANY_OBJECT;
  }
  // Without a schema there is nothing to hold it to but that it is an object.
  const { schema, name, description } = format.json_schema;
  if (!schema) return ANY_OBJECT;
  const words = { title: name, ...(typeof description === 'string' && { description }) };
  return ofSchema(schema, 'response_format.json_schema.schema', words);
}

function ofSchema(original: Schema, field: string, words: Words): OutputFormat {
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
    field,
  };
}
