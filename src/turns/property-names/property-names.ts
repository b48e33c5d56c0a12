import { SchemaReferences } from '../json-schema/schema-references.ts';
import type { Schema } from '../json-schema/subschemas.ts';
import { KeyRewriter } from './key-rewriter.ts';
import { renameSchema } from './rename-schema.ts';
import { toClientNames, toModelNames } from './rename-value.ts';
import { assignNames } from './schema-names.ts';
import { SchemaShapes, type SchemaShape } from './schema-shape.ts';

/** The parameters of a tool of which some have other names for the model, since the Messages API does not take their own. */
export class PropertyNames {
  /** What the model is given. */
  readonly modelSchema: Schema;
  private readonly shape: SchemaShape | undefined;

  private constructor(schema: Schema, modelNames: ReadonlyMap<string, string>) {
    const shapes = new SchemaShapes(new SchemaReferences(schema), modelNames);
    this.shape = shapes.of([schema]);
    this.modelSchema = renameSchema(schema, modelNames, shapes);
  }

  /** Whether the schema has a name that the Messages API does not take. */
  static areNeeded(schema: Schema): boolean {
    return modelNamesOf(schema).size > 0;
  }

  /** Undefined where every name is the same for the model. */
  static of(schema: Schema): PropertyNames | undefined {
    const modelNames = modelNamesOf(schema);
    if (modelNames.size === 0) return undefined;
    const names = known.get(schema) ?? new PropertyNames(schema, modelNames);
    known.set(schema, names);
    return names;
  }

  /** Arguments of a call as the model has made it, or would have. */
  toModel(input: unknown): unknown {
    return toModelNames(input, this.shape);
  }

  /** Arguments of a call as the client knows them. */
  toClient(input: unknown): unknown {
    return toClientNames(input, this.shape);
  }

  /** For the arguments of one call that come as JSON, piece by piece. */
  rewriter(): KeyRewriter {
    return new KeyRewriter(this.shape);
  }
}

// Tools come again with each request of a conversation, as the same objects where they are known.
const known = new WeakMap<Schema, PropertyNames>();
const knownNames = new WeakMap<Schema, ReadonlyMap<string, string>>();

function modelNamesOf(schema: Schema): ReadonlyMap<string, string> {
  const names = knownNames.get(schema) ?? assignNames(schema);
  knownNames.set(schema, names);
  return names;
}
