import 'reflect-metadata';
import { invalidRequest } from '../errors/gateway-error.ts';

type Reader = (value: unknown) => unknown;

const READER = Symbol('reader of a field');

/** Declares a conversion before the validators run; without it the field stays as the client sent it. */
export function ReadAs(reader: Reader): PropertyDecorator {
  return Reflect.metadata(READER, reader);
}

/**
 * An instance with the values of a body or query for the properties of its class. Ignores all other fields, and converts
 * only by `ReadAs`. Throws a GatewayError of status 400 if the body is no object.
 */
export function readFields<T>(Class: new () => T, given: unknown): T {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidRequest('The body of the request must be a JSON object.');
  }
  const fields = new Class() as T & object;
  for (const name of Object.keys(fields)) {
    if (!Object.hasOwn(given, name)) continue;
    const value: unknown = Reflect.get(given, name);
    const reader = Reflect.getMetadata(READER, fields, name) as Reader | undefined;
    Reflect.set(fields, name, reader ? reader(value) : value);
  }
  return fields;
}
