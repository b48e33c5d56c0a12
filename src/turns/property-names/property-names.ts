import { SchemaReferences } from '../json-schema/schema-references.ts';
import type { Schema } from '../json-schema/subschemas.ts';
import { KeyRewriter } from './key-rewriter.ts';
import { renameSchema } from './rename-schema.ts';
import { toClientNames, toModelNames } from './rename-value.ts';
import { assignNames } from './schema-names.ts';
import { SchemaShapes, type SchemaShape } from './schema-shape.ts';

/**
 * The parameters of a tool with other property names for the model, because the Messages API does not accept the client's.
 */
export class PropertyNames {
  /** The schema for the model. */
  readonly modelSchema: Schema;
  private readonly shape: SchemaShape | undefined;

  private constructor(schema: Schema, modelNames: ReadonlyMap<string, string>) {
    const shapes = new SchemaShapes(new SchemaReferences(schema), modelNames);
    this.shape = shapes.of([schema]);
    this.modelSchema = renameSchema(schema, modelNames, shapes);
  }

  /** Whether the schema has a name that the Messages API does not accept. */
  static areNeeded(schema: Schema): boolean {
    return modelNamesOf(schema).size > 0;
  }

  /** Undefined if every name is the same for the model. */
  static of(schema: Schema): PropertyNames | undefined {
    const modelNames = modelNamesOf(schema);
    if (modelNames.size === 0) return undefined;
    const names = known.get(schema) ?? new PropertyNames(schema, modelNames);
    known.set(schema, names);
    return names;
  }

  /** Arguments of a call with the model's names. */
  toModel(input: unknown): unknown {
    return toModelNames(input, this.shape);
  }

  /** Arguments of a call with the client's names. */
  toClient(input: unknown): unknown {
    return toClientNames(input, this.shape);
  }

  /** For the streamed JSON arguments of one call. */
  rewriter(): KeyRewriter {
    return new KeyRewriter(this.shape);
  }
}

// Each request of a conversation repeats its tools, usually as the same cached objects.
const known = new WeakMap<Schema, PropertyNames>();
const knownNames = new WeakMap<Schema, ReadonlyMap<string, string>>();

function modelNamesOf(schema: Schema): ReadonlyMap<string, string> {
  const names = knownNames.get(schema) ?? assignNames(schema);
  knownNames.set(schema, names);
  return names;
}
