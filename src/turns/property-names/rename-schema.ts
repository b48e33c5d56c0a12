import { rewritePointer, type PointerStep } from '../json-schema/rewrite-pointer.ts';
import { isSchema, mapSubschemas, type Schema, type SchemaNode } from '../json-schema/subschemas.ts';
import { toModelNames } from './rename-value.ts';
import type { SchemaShapes } from './schema-shape.ts';

/** Keywords whose keys are property names. */
const NAMED = ['properties', 'dependentSchemas', 'dependentRequired'];
const REFERENCES = ['$ref', '$dynamicRef'];
/** Keywords that contain values of the schema. */
const VALUES = ['default', 'examples', 'enum', 'const'];

/**
 * A document with the model's property names instead of the client's. A renamed property gets the client's name as its
 * title, unless it has one.
 *
 * @param modelNames the model's names by the client's
 */
export function renameSchema(root: Schema, modelNames: ReadonlyMap<string, string>, shapes: SchemaShapes): Schema {
  const rename = (name: string): string => modelNames.get(name) ?? name;
  const renameStep = (_schema: Schema, step: PointerStep): PointerStep => {
    const [keyword, name] = step;
    return name !== undefined && NAMED.includes(keyword) && modelNames.has(name) ? [keyword, rename(name)] : step;
  };
  const renameNode = (node: SchemaNode): SchemaNode => {
    if (typeof node === 'boolean') return node;
    const renamed = mapSubschemas(node, renameNode);
    for (const keyword of NAMED) {
      const named = renamed[keyword];
      if (isSchema(named)) renamed[keyword] = renameKeys(named, modelNames, keyword === 'properties');
    }
    for (const keyword of REFERENCES) {
      const reference = node[keyword];
      if (typeof reference === 'string') renamed[keyword] = rewritePointer(reference, root, renameStep);
    }
    for (const keyword of VALUES) {
      const value = node[keyword];
      if (typeof value !== 'object' || value === null) continue;
      const isList = keyword === 'enum' || keyword === 'examples';
      const shape = shapes.of([node]);
      renamed[keyword] = isList && Array.isArray(value) ? value.map((one) => toModelNames(one, shape)) : toModelNames(value, shape); // prettier-ignore
    }
    if (Array.isArray(node['required'])) renamed['required'] = renameAll(node['required'], rename);
    if (isSchema(node['propertyNames'])) renamed['propertyNames'] = renamePropertyNames(node['propertyNames'], rename);
    return renamed;
  };
  return renameNode(root) as Schema;
}

function renameKeys(named: Schema, modelNames: ReadonlyMap<string, string>, isTitled: boolean): Schema {
  const rename = (name: string): string => modelNames.get(name) ?? name;
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => {
      // The names of `dependentRequired`.
      if (Array.isArray(value)) return [rename(name), renameAll(value, rename)];
      return [rename(name), isTitled && modelNames.has(name) ? titled(value, name) : value];
    }),
  );
}

function titled(value: unknown, title: string): unknown {
  if (value === true) return { title };
  return isSchema(value) && value['title'] === undefined ? { title, ...value } : value;
}

function renamePropertyNames(schema: Schema, rename: (name: string) => string): Schema {
  const { enum: names, const: only } = schema;
  return {
    ...schema,
    ...(Array.isArray(names) && { enum: renameAll(names, rename) }),
    ...(typeof only === 'string' && { const: rename(only) }),
  };
}

function renameAll(names: readonly unknown[], rename: (name: string) => string): unknown[] {
  return names.map((name) => (typeof name === 'string' ? rename(name) : name));
}
