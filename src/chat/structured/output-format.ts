import type { ChatCompletionRequest } from '../dto/chat-completion-request.ts';
import { answerValidator, UnusableSchemaError, type AnswerValidator } from './answer-validator.ts';
import { checkSize, checkStructure, checkSyntax, invalidSchema } from './check-output-schema.ts';
import { normalizeSchema } from './normalize-schema.ts';
import { OBJECT_INSTRUCTION, schemaInstruction } from './output-instruction.ts';
import { SchemaReferences } from './schema-references.ts';
import { isSchema, type Schema } from './subschemas.ts';
import { toConstrainedSchema } from './to-constrained-schema.ts';

/** What the text of an answer has to be. */
export interface OutputFormat {
  /** What the Messages API holds the decoding to; undefined where it can be held to nothing. */
  readonly constrained: Schema | undefined;
  /** Asks the model for the format where decoding is not held to it. */
  readonly instruction: string;
  /** Whether only an object can be right. */
  readonly requiresObject: boolean;
  /** What is wrong with an answer that is JSON; undefined when nothing is. */
  readonly validate: AnswerValidator;
}

type JsonSchemaFormat = Extract<
  NonNullable<ChatCompletionRequest['response_format']>,
  { type: 'json_schema' }
>['json_schema'];

/**
 * The format that a request asks for; undefined for plain text. Throws a GatewayError of status 400, whose param is the
 * place in the body, for a schema that cannot be used.
 */
export function mapResponseFormat(format: ChatCompletionRequest['response_format']): OutputFormat | undefined {
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') return ANY_OBJECT;
  // Without a schema there is nothing to hold it to but that it is JSON.
  return format.json_schema.schema ? ofSchema(format.json_schema.schema, format.json_schema) : ANY_OBJECT;
}

const ANY_OBJECT: OutputFormat = {
  constrained: undefined,
  instruction: OBJECT_INSTRUCTION,
  requiresObject: true,
  validate: (value) => (isSchema(value) ? undefined : 'the answer must be an object'),
};

function ofSchema(original: Schema, { name, description }: JsonSchemaFormat): OutputFormat {
  checkSize(original);
  const schema = normalizeSchema(original);
  checkSyntax(schema);
  const references = new SchemaReferences(schema);
  checkStructure(references);
  const constrained = toConstrainedSchema(schema, references);
  const words = { title: name, ...(typeof description === 'string' && { description }) };
  return {
    constrained: constrained && { ...words, ...constrained },
    instruction: schemaInstruction(schema, description ?? undefined),
    requiresObject: constrained !== undefined || schema['type'] === 'object',
    validate: validatorOf(schema),
  };
}

function validatorOf(schema: Schema): AnswerValidator {
  try {
    return answerValidator(schema);
  } catch (error) {
    if (error instanceof UnusableSchemaError) throw invalidSchema('it cannot be compiled', []);
    throw error;
  }
}
