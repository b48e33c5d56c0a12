import { isSchema } from '../json-schema/subschemas.ts';
import type { SchemaShape } from './schema-shape.ts';

/** Deeper values keep their names; no client reads them. */
const MAX_DEPTH = 1000;

/** A value with the client's property names instead of the model's. */
export function toClientNames(value: unknown, shape: SchemaShape | undefined, depth = 0): unknown {
  if (!shape || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => toClientNames(item, shape.items, depth + 1));
  if (!isSchema(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const name = shape.toClient.get(key) ?? key;
      return [name, toClientNames(child, shape.property(name), depth + 1)];
    }),
  );
}

/** A value with the model's property names instead of the client's. Loses no property. */
export function toModelNames(value: unknown, shape: SchemaShape | undefined, depth = 0): unknown {
  if (!shape || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => toModelNames(item, shape.items, depth + 1));
  if (!isSchema(value)) return value;
  const names = Object.keys(value);
  const used = new Set(names.map((name) => shape.toModel.get(name) ?? name));
  return Object.fromEntries(
    names.map((name) => {
      const renamed = shape.toModel.get(name);
      // A property outside the schema may have the name of a renamed one.
      const isClash = renamed === undefined && Object.hasOwn(value, shape.toClient.get(name) ?? '');
      return [
        renamed ?? (isClash ? freeName(name, used) : name),
        toModelNames(value[name], shape.property(name), depth + 1),
      ];
    }),
  );
}

function freeName(name: string, used: Set<string>): string {
  let free = `${name}_`;
  while (used.has(free)) free += '_';
  used.add(free);
  return free;
}
