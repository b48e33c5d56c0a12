import type { SchemaReferences } from '../json-schema/schema-references.ts';
import { appliesInPlace, isSchema, subschemasOf, type Schema } from '../json-schema/subschemas.ts';
import { namesIn } from './schema-names.ts';

/** Maximum examined schemas of one document; beyond that every name counts everywhere. */
const MAX_VISITS = 100_000;

const OTHER_PROPERTIES = ['additionalProperties', 'unevaluatedProperties'];
const ITEMS = ['items', 'prefixItems', 'contains', 'unevaluatedItems'];

/** The names of one object that differ between client and model. */
export interface ObjectNames {
  /** The model's name by the client's. */
  readonly toModel: ReadonlyMap<string, string>;
  /** The client's name by the model's. */
  readonly toClient: ReadonlyMap<string, string>;
}

/** The names of a value's properties and items, from its position in a document of schemas. */
export interface SchemaShape extends ObjectNames {
  /** The shape of a property by the client's name; undefined if its value has no names to change. */
  property(name: string): SchemaShape | undefined;
  /** The shape of the items of a list. */
  readonly items: SchemaShape | undefined;
}

/** The shapes of one document. Several of its schemas can apply to one value, as below `anyOf`. */
export class SchemaShapes {
  private readonly numbers = new Map<Schema, number>();
  private readonly known = new Map<string, SchemaShape>();
  private visits = 0;
  /** Contains every name, at every depth. */
  private readonly everything: SchemaShape;

  /**
   * @param references of the document
   * @param modelNames the model's names by the client's
   * @param maxVisits the maximum number of examined schemas
   */
  constructor(
    private readonly references: SchemaReferences,
    private readonly modelNames: ReadonlyMap<string, string>,
    private readonly maxVisits = MAX_VISITS,
  ) {
    for (const { node } of references.places) if (isSchema(node)) this.numbers.set(node, this.numbers.size);
    const everything: SchemaShape = {
      ...this.namesOf([...modelNames.keys()]),
      property: () => everything,
      get items() {
        return everything;
      },
    };
    this.everything = everything;
  }

  /** The shape of a value to which these schemas apply; undefined without names. */
  of(nodes: readonly unknown[]): SchemaShape | undefined {
    const schemas = this.withInPlace(nodes.filter(isSchema));
    if (schemas.length === 0) return undefined;
    if (this.visits > this.maxVisits) return this.everything;
    const key = schemas
      .map((schema) => this.numbers.get(schema) ?? -1)
      .toSorted((left, right) => left - right)
      .join(' ');
    let shape = this.known.get(key);
    if (!shape) {
      shape = new DocumentShape(schemas, this, this.namesOf(schemas.flatMap((schema) => [...namesIn(schema)])));
      this.known.set(key, shape);
    }
    return shape;
  }

  private namesOf(names: readonly string[]): ObjectNames {
    const changed = [...new Set(names)].flatMap((name) => {
      const modelName = this.modelNames.get(name);
      return modelName === undefined ? [] : [[name, modelName] as const];
    });
    return { toModel: new Map(changed), toClient: new Map(changed.map(([name, modelName]) => [modelName, name])) };
  }

  /** The schemas, and all others that apply to the same value because of them. */
  private withInPlace(schemas: readonly Schema[]): Schema[] {
    const found = new Set(schemas);
    for (const schema of found) {
      this.visits += 1;
      if (this.visits > this.maxVisits) break;
      for (const child of subschemasOf(schema))
        if (appliesInPlace(child) && isSchema(child.node)) found.add(child.node);
      for (const keyword of ['$ref', '$dynamicRef']) {
        const reference = schema[keyword];
        const target = typeof reference === 'string' ? this.references.resolve(reference)?.node : undefined;
        if (isSchema(target)) found.add(target);
      }
    }
    return [...found];
  }
}

class DocumentShape implements SchemaShape {
  readonly toModel: ReadonlyMap<string, string>;
  readonly toClient: ReadonlyMap<string, string>;
  private readonly declared = new Map<string, SchemaShape | undefined>();
  private isOtherKnown = false;
  private other: SchemaShape | undefined;
  private areItemsKnown = false;
  private itemShape: SchemaShape | undefined;

  constructor(
    private readonly schemas: readonly Schema[],
    private readonly shapes: SchemaShapes,
    names: ObjectNames,
  ) {
    this.toModel = names.toModel;
    this.toClient = names.toClient;
  }

  property(name: string): SchemaShape | undefined {
    if (this.declared.has(name)) return this.declared.get(name);
    const isDeclared = this.schemas.some((schema) => isSchema(schema['properties']) && Object.hasOwn(schema['properties'], name)); // prettier-ignore
    if (!isDeclared) return this.otherProperty;
    const shape = this.shapes.of(this.schemas.flatMap((schema) => propertySchemas(schema, name)));
    this.declared.set(name, shape);
    return shape;
  }

  get items(): SchemaShape | undefined {
    if (!this.areItemsKnown) {
      this.itemShape = this.shapes.of(this.schemas.flatMap((schema) => ITEMS.map((keyword) => schema[keyword])).flat());
      this.areItemsKnown = true;
    }
    return this.itemShape;
  }

  private get otherProperty(): SchemaShape | undefined {
    if (!this.isOtherKnown) {
      this.other = this.shapes.of(this.schemas.flatMap((schema) => propertySchemas(schema, undefined)));
      this.isOtherKnown = true;
    }
    return this.other;
  }
}

/** The schemas for a property. Includes all of `patternProperties`: patterns of clients are not run, so each may match. */
function propertySchemas(schema: Schema, name: string | undefined): unknown[] {
  const { properties, patternProperties } = schema;
  const patterns = isSchema(patternProperties) ? Object.values(patternProperties) : [];
  const isDeclared = name !== undefined && isSchema(properties) && Object.hasOwn(properties, name);
  return [...patterns, ...(isDeclared ? [properties[name]] : OTHER_PROPERTIES.map((keyword) => schema[keyword]))];
}
