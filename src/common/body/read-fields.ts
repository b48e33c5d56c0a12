import 'reflect-metadata';
import { invalidRequest } from '../errors/gateway-error.ts';

type Reader = (value: unknown) => unknown;

const READER = Symbol('reader of a field');

/** Declares what a field becomes before its validators see it; without this it stays what the client sent. */
export function ReadAs(reader: Reader): PropertyDecorator {
  return Reflect.metadata(READER, reader);
}

/**
 * An instance with what a body or a query gives for the properties of its class. Everything else is left where it is, and
 * nothing is converted but by `ReadAs`. Throws a GatewayError of status 400 for a body that is no object.
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
