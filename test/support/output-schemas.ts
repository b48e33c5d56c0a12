/** A schema as a client may send it, and what is to become of it. */
export interface OutputShape {
  readonly name: string;
  readonly schema: Record<string, unknown>;
  /** Whether the API can be held to it while decoding, or the model is asked for it. */
  readonly by: 'decoding' | 'instruction';
  /** A value that is valid. */
  readonly valid: unknown;
  /** A value of its kind that is not. */
  readonly wrong: unknown;
}

type Schema = Record<string, unknown>;

const closed = (properties: Schema, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const shape = (
  name: string,
  by: OutputShape['by'],
  schema: Schema,
  valid: unknown,
  wrong: unknown = {},
): OutputShape => ({ name, by, schema, valid, wrong });

const text = { type: 'string' };
const integer = { type: 'integer' };
const hundred = Object.fromEntries(Array.from({ length: 100 }, (_value, index) => [`p${index}`, text]));
const hundredTexts = Object.fromEntries(Object.keys(hundred).map((name) => [name, name]));
const nest = (depth: number): Schema => (depth === 0 ? text : closed({ inner: nest(depth - 1), [`level${depth}`]: integer })); // prettier-ignore
const nested = (depth: number): unknown => (depth === 0 ? 'leaf' : { inner: nested(depth - 1), [`level${depth}`]: depth }); // prettier-ignore
const tree = { type: 'object', properties: { name: text, children: { type: 'array', items: { $ref: '#/$defs/node' } } }, required: ['name', 'children'], additionalProperties: false }; // prettier-ignore

const conditional = JSON.parse(`{
  "type": "object", "properties": { "country": { "type": "string" }, "zip": { "type": "string" } }, "required": ["country"],
  "if": { "properties": { "country": { "const": "US" } } }, "then": { "required": ["zip"] }
}`) as Schema;

/** The shapes that strict clients and schema generators send. */
export const OUTPUT_SHAPES: readonly OutputShape[] = [
  shape('one text', 'decoding', closed({ answer: text }), { answer: 'yes' }),
  shape('every simple type', 'decoding', closed({ s: text, n: { type: 'number' }, i: integer, b: { type: 'boolean' }, z: { type: 'null' } }), { s: '', n: 1.5e3, i: -3, b: false, z: null }),
  shape('five levels of objects', 'decoding', nest(5), nested(5)),
  shape('a hundred properties', 'decoding', closed(hundred), hundredTexts),
  shape('a hundred optional properties', 'instruction', { type: 'object', properties: hundred, additionalProperties: false }, hundredTexts, { p0: 1 }),
  shape('keys of any script', 'decoding', closed({ 'имя': text, '年齢': integer, '🦊 key': text, 'a"b\\c/d~e.f$g': text }), { 'имя': 'Оля', '年齢': 5, '🦊 key': '😀\u2028', 'a"b\\c/d~e.f$g': '"' }),
  shape('keys that objects have of their own', 'decoding', closed({ constructor: text, toString: text, hasOwnProperty: text }), { constructor: 'c', toString: 't', hasOwnProperty: 'h' }),
  shape('an enum', 'decoding', closed({ colour: { type: 'string', enum: ['red', 'green'] } }), { colour: 'green' }, { colour: 'blue' }),
  shape('an enum of mixed values', 'decoding', closed({ x: { enum: ['a', 1, true, null] } }), { x: null }, { x: 'b' }),
  shape('a constant', 'decoding', closed({ kind: { const: 'note' }, body: text }), { kind: 'note', body: 'x' }, { kind: 'other', body: 'x' }),
  shape('a list of objects', 'decoding', closed({ items: { type: 'array', items: closed({ id: integer }), minItems: 1 } }), { items: [{ id: 1 }, { id: 2 }] }, { items: [] }),
  shape('lists of lists', 'decoding', closed({ grid: { type: 'array', items: { type: 'array', items: { type: 'number' } } } }), { grid: [[1, 2], [], [3.5]] }, { grid: [1] }),
  shape('nullable by a list of types', 'decoding', closed({ a: { type: ['string', 'null'] } }), { a: null }, { a: 1 }),
  shape('a nullable object by a list of types', 'decoding', closed({ a: { ...closed({ b: text }), type: ['object', 'null'] } }), { a: { b: 'x' } }, { a: {} }),
  shape('a union of objects', 'decoding', closed({ item: { anyOf: [closed({ kind: { const: 'a' }, a: text }), closed({ kind: { const: 'b' }, b: integer })] } }), { item: { kind: 'b', b: 2 } }, { item: { kind: 'a', b: 2 } }),
  shape('a discriminated union with oneOf', 'decoding', closed({ shape: { oneOf: [{ $ref: '#/$defs/Circle' }, { $ref: '#/$defs/Square' }], discriminator: { propertyName: 'kind' } } }, { $defs: { Circle: closed({ kind: { const: 'circle' }, r: { type: 'number' } }), Square: closed({ kind: { const: 'square' }, side: { type: 'number' } }) } }), { shape: { kind: 'square', side: 2 } }, { shape: { kind: 'circle', side: 2 } }),
  shape('more unions than decoding takes', 'instruction', closed(Object.fromEntries(Array.from({ length: 17 }, (_value, index) => [`u${index}`, { type: ['string', 'null'] }]))), Object.fromEntries(Array.from({ length: 17 }, (_value, index) => [`u${index}`, null]))),
  shape('draft-07 with definitions', 'decoding', { $schema: 'http://json-schema.org/draft-07/schema#', ...closed({ home: { $ref: '#/definitions/address' }, work: { $ref: '#/definitions/address' } }), definitions: { address: closed({ street: text }) } }, { home: { street: 'a' }, work: { street: 'b' } }, { home: { street: 'a' }, work: {} }),
  shape('draft-07 with a reference at the top', 'decoding', { $schema: 'http://json-schema.org/draft-07/schema#', $ref: '#/definitions/Answer', definitions: { Answer: closed({ yes: { type: 'boolean' } }) } }, { yes: true }, { yes: 'true' }),
  shape('2020-12 with $defs and $id', 'decoding', { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'https://example.com/person.json', ...closed({ person: { $ref: '#/$defs/person' } }), $defs: { person: closed({ name: text }) } }, { person: { name: 'Ann' } }, { person: 'Ann' }),
  shape('a reference to another property', 'decoding', closed({ first: closed({ x: integer }), second: { $ref: '#/properties/first' } }), { first: { x: 1 }, second: { x: 2 } }, { first: { x: 1 }, second: {} }),
  shape('a reference with an encoded pointer', 'decoding', closed({ a: { $ref: '#/$defs/a~1b%20c' } }, { $defs: { 'a/b c': integer } }), { a: 1 }, { a: 'x' }),
  shape('a description around a reference', 'decoding', closed({ a: { allOf: [{ $ref: '#/$defs/a' }], description: 'An A', default: 1 } }, { $defs: { a: integer } }), { a: 1 }, { a: 'x' }),
  shape('recursion through $defs', 'instruction', { $ref: '#/$defs/node', $defs: { node: tree } }, { name: 'a', children: [{ name: 'b', children: [] }] }, { name: 'a', children: [{ name: 'b' }] }),
  shape('recursion through the top', 'instruction', { type: 'object', properties: { value: integer, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }, required: ['value', 'next'], additionalProperties: false }, { value: 1, next: { value: 2, next: null } }, { value: 1, next: { value: 2 } }),
  shape('two schemas that contain each other', 'instruction', closed({ a: { $ref: '#/$defs/a' } }, { $defs: { a: closed({ b: { anyOf: [{ $ref: '#/$defs/b' }, { type: 'null' }] } }), b: closed({ a: { $ref: '#/$defs/a' } }) } }), { a: { b: { a: { b: null } } } }, { a: { b: { a: {} } } }),
  shape('known formats', 'decoding', closed({ day: { type: 'string', format: 'date' }, at: { type: 'string', format: 'date-time' }, mail: { type: 'string', format: 'email' }, id: { type: 'string', format: 'uuid' } }), { day: '2026-02-28', at: '2026-02-28T10:00:00Z', mail: 'a@example.com', id: '123e4567-e89b-42d3-a456-426614174000' }, { day: '2026-02-30', at: '2026-02-28T10:00:00Z', mail: 'a@example.com', id: '123e4567-e89b-42d3-a456-426614174000' }),
  shape('formats that nobody knows', 'decoding', closed({ a: { type: 'string', format: 'phone' }, b: { type: 'integer', format: 'int32' } }), { a: 'x', b: 1 }, { a: 'x', b: 1.5 }),
  shape('bounds of numbers', 'decoding', closed({ age: { type: 'integer', minimum: 0, maximum: 150 }, step: { type: 'number', multipleOf: 0.5, exclusiveMinimum: 0 } }), { age: 30, step: 1.5 }, { age: 151, step: 1.5 }),
  shape('draft-04 bounds and OpenAPI nullable', 'decoding', closed({ age: { type: 'integer', minimum: 0, exclusiveMinimum: true }, note: { type: 'string', nullable: true } }), { age: 1, note: null }, { age: 0, note: null }),
  shape('bounds of texts and lists', 'decoding', closed({ code: { type: 'string', minLength: 2, maxLength: 4, pattern: '^[A-Z]+$' }, tags: { type: 'array', items: text, minItems: 2, maxItems: 3, uniqueItems: true } }), { code: 'ABC', tags: ['a', 'b'] }, { code: 'ABC', tags: ['a', 'a'] }),
  shape('a pattern that looks around', 'decoding', closed({ mail: { type: 'string', format: 'email', pattern: "^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_'+\\-\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$" } }), { mail: 'a@example.com' }, { mail: 'nobody' }),
  shape('an object left open', 'decoding', { type: 'object', properties: { a: text }, required: ['a'] }, { a: 'x' }),
  shape('an object without a type', 'decoding', { properties: { a: text }, required: ['a'] }, { a: 'x' }, { b: 1 }),
  shape('a map', 'instruction', closed({ scores: { type: 'object', additionalProperties: { type: 'number' } } }), { scores: { ann: 1, bob: 2.5 } }, { scores: { ann: 'one' } }),
  shape('names by a pattern', 'instruction', { type: 'object', patternProperties: { '^x-': text }, additionalProperties: false }, { 'x-a': 'b' }, { a: 'b' }),
  shape('a tuple', 'instruction', closed({ point: { type: 'array', prefixItems: [integer, integer], items: false, minItems: 2 } }), { point: [1, 2] }, { point: [1, 'x'] }),
  shape('a tuple of draft-07', 'instruction', closed({ point: { type: 'array', items: [integer, text], additionalItems: false, minItems: 2 } }), { point: [1, 'x'] }, { point: [1, 2] }),
  shape('schemas put together', 'instruction', { allOf: [{ type: 'object', properties: { a: text }, required: ['a'] }, { type: 'object', properties: { b: integer }, required: ['b'] }] }, { a: 'x', b: 1 }, { a: 'x' }),
  shape('a condition', 'instruction', conditional, { country: 'US', zip: '1' }, { country: 'US' }),
  shape('values of any kind', 'instruction', closed({ anything: {}, free: true }), { anything: [1, { a: null }], free: 'x' }),
  shape('an enum of objects', 'instruction', closed({ a: { enum: [{ x: 1 }, { x: 2 }] } }), { a: { x: 2 } }, { a: { x: 3 } }),
  shape('a list at the top', 'instruction', { type: 'array', items: text }, ['a', 'b'], [1]),
  shape('a union at the top', 'instruction', { anyOf: [closed({ a: text }), closed({ b: text })] }, { b: 'x' }, { c: 'x' }),
]; // prettier-ignore
