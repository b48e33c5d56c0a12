import { ValidateBy, validateSync, type ValidationError } from 'class-validator';

/** A problem of a value, or of a part of it, in words that follow its name: "must be …". */
export interface Problem {
  /** Property names and list indices, from the outside in. */
  readonly path: readonly string[];
  readonly words: string;
}

type FindProblems = (value: unknown) => readonly Problem[];

const PARTS = 'parts';

/** A class-validator decorator for the parts of a list or a table. Names the wrong ones, unlike the option `each`. */
export function HasParts(find: FindProblems): PropertyDecorator {
  return ValidateBy(
    {
      name: PARTS,
      validator: {
        validate: (value) => find(value).length === 0,
        defaultMessage: (given) => find(given?.value).map(inWords).join('; '),
      },
    },
    { context: { find } },
  );
}

/**
 * The problems that the validators of its class find in an instance, in their order; only the first of each value or part.
 */
export function findProblems(instance: object): Problem[] {
  const errors = validateSync(instance, { stopAtFirstError: true, validationError: { target: false } });
  if (errors.length === 0) return [];
  const order = Object.keys(instance);
  return errors
    .toSorted((left, right) => order.indexOf(left.property) - order.indexOf(right.property))
    .flatMap(toProblems);
}

function toProblems({ property, value, constraints = {}, contexts }: ValidationError): Problem[] {
  const parts = (contexts?.[PARTS] as { find: FindProblems } | undefined)?.find(value);
  if (parts) return parts.map(({ path, words }) => ({ path: [property, ...path], words }));
  return Object.values(constraints).map((words) => ({ path: [property], words }));
}

function inWords({ path, words }: Problem): string {
  return `${path.join('.')} ${words}`;
}
