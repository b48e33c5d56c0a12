import type { ChatCompletionRequest } from '../dto/chat-completion-request.ts';
import { checkSize, checkStructure, checkSyntax, invalidSchema } from './check-output-schema.ts';
import { normalizeSchema } from './normalize-schema.ts';
import { OBJECT_INSTRUCTION, schemaInstruction } from './output-instruction.ts';
import { SchemaReferences } from './schema-references.ts';
import { UnusableSchemaError, type SchemaChecker, type SchemaClient } from './schema-checker.ts';
import type { Schema } from './subschemas.ts';
import { toConstrainedSchema } from './to-constrained-schema.ts';

/** What the text of an answer has to be. */
export interface OutputFormat {
  /** What the Messages API holds the decoding to; undefined where it can be held to nothing. */
  readonly constrained: Schema | undefined;
  /** Asks the model for the format where decoding is not held to it. */
  readonly instruction: string;
  /** Whether only an object can be right. */
  readonly requiresObject: boolean;
  /** What is wrong with an answer that is JSON, and an object if it has to be; undefined when nothing is. */
  readonly check: (json: string) => Promise<string | undefined>;
}

type JsonSchemaFormat = Extract<
  NonNullable<ChatCompletionRequest['response_format']>,
  { type: 'json_schema' }
>['json_schema'];

const ANY_OBJECT: OutputFormat = {
  constrained: undefined,
  instruction: OBJECT_INSTRUCTION,
  requiresObject: true,
  check: () => Promise.resolve(undefined),
};

/**
 * The format that a request asks for; undefined for plain text. Rejects with a GatewayError of status 400, whose param is
 * the place in the body, for a schema that cannot be used, and as `SchemaChecker.prepare` does where it waits in vain.
 */
export async function mapResponseFormat(
  format: ChatCompletionRequest['response_format'],
  checker: SchemaChecker,
  client?: SchemaClient,
): Promise<OutputFormat | undefined> {
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') return ANY_OBJECT;
  // Without a schema there is nothing to hold it to but that it is an object.
  const { schema } = format.json_schema;
  return schema ? ofSchema(schema, format.json_schema, checker, client) : ANY_OBJECT;
}

async function ofSchema(
  original: Schema,
  { name, description }: JsonSchemaFormat,
  checker: SchemaChecker,
  client: SchemaClient | undefined,
): Promise<OutputFormat> {
  checkSize(original);
  const schema = normalizeSchema(original);
  const references = new SchemaReferences(schema);
  checkStructure(references);
  checkSyntax(schema);
  const constrained = toConstrainedSchema(schema, references);
  await checker.prepare(schema, client).catch((error: unknown) => {
    throw error instanceof UnusableSchemaError ? invalidSchema(error.message, []) : error;
  });
  const words = { title: name, ...(typeof description === 'string' && { description }) };
  return {
    constrained: constrained && { ...words, ...constrained },
    instruction: schemaInstruction(schema, description ?? undefined),
    requiresObject: constrained !== undefined || schema['type'] === 'object',
    check: (json) => checker.check(schema, json, client),
  };
}
