import { appliesInPlace, isSchema, subschemasOf, type Schema, type SchemaNode } from './subschemas.ts';

/** A schema of a document, with the keys that lead to it. */
export interface Place {
  readonly steps: readonly string[];
  readonly node: SchemaNode;
  /** The number of schemas around it. */
  readonly depth: number;
}

/** Every schema of a document by its JSON pointer as a fragment, as in `#/$defs/node`; also by its `#anchor`. */
export class SchemaReferences {
  readonly places: readonly Place[];
  private readonly byPointer = new Map<string, Place>();

  constructor(root: Schema) {
    this.places = [...allPlaces(root)];
    for (const place of this.places) {
      this.byPointer.set(pointerOf(place.steps), place);
      if (!isSchema(place.node)) continue;
      for (const keyword of ['$anchor', '$dynamicAnchor']) {
        const anchor = place.node[keyword];
        if (typeof anchor === 'string') this.byPointer.set(`#${anchor}`, place);
      }
    }
  }

  /** The target of a `$ref`; undefined if it is no schema of this document. */
  resolve(reference: string): Place | undefined {
    const fragment = reference === '#/' ? '#' : reference;
    return this.byPointer.get(canonical(fragment)) ?? this.byPointer.get(fragment);
  }

  /**
   * The first schema that contains itself, directly or through references; with `inPlace` only if it applies to the same
   * value again.
   */
  findCycle(inPlace = false): Place | undefined {
    const done = new Set<SchemaNode>();
    const open = new Set<SchemaNode>();
    for (const root of this.places) {
      // Iterative, because references can lead through thousands of schemas.
      const path = [{ node: root.node, next: this.unlessDone(root, done, inPlace) }];
      open.add(root.node);
      for (let last = path.at(-1); last; last = path.at(-1)) {
        const step = last.next.next();
        if (step.done === true) {
          done.add(last.node);
          open.delete(last.node);
          path.pop();
        } else if (open.has(step.value.node)) {
          return step.value;
        } else if (!done.has(step.value.node)) {
          open.add(step.value.node);
          path.push({ node: step.value.node, next: this.unlessDone(step.value, done, inPlace) });
        }
      }
    }
    return undefined;
  }

  private *unlessDone(place: Place, done: ReadonlySet<SchemaNode>, inPlace: boolean): Generator<Place> {
    if (!done.has(place.node)) for (const next of this.successors(place, inPlace)) if (isSchema(next.node)) yield next;
  }

  private *successors({ steps, node, depth }: Place, inPlace: boolean): Generator<Place> {
    if (!isSchema(node)) return;
    for (const child of subschemasOf(node)) {
      const isDefinition = child.steps[0] === '$defs' || child.steps[0] === 'definitions';
      if (isDefinition || (inPlace && !appliesInPlace(child))) continue;
      yield { steps: [...steps, ...child.steps], node: child.node, depth: depth + 1 };
    }
    for (const reference of referencesOf(node)) {
      const target = this.resolve(reference);
      if (target) yield target;
    }
  }
}

/** The references of a schema itself, without nested ones. */
export function referencesOf(schema: Schema): string[] {
  return [schema['$ref'], schema['$dynamicRef']].filter((reference) => typeof reference === 'string');
}

function* allPlaces(root: Schema): Generator<Place> {
  const waiting: Place[] = [{ steps: [], node: root, depth: 0 }];
  for (let place = waiting.pop(); place; place = waiting.pop()) {
    yield place;
    if (!isSchema(place.node)) continue;
    for (const { steps, node } of subschemasOf(place.node)) {
      waiting.push({ steps: [...place.steps, ...steps], node, depth: place.depth + 1 });
    }
  }
}

export function pointerOf(steps: readonly string[]): string {
  return ['#', ...steps.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}

/** Decodes the percent-encoding of a pointer in a fragment. */
function canonical(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
