import { isSmallJson } from '../../../common/body/is-small-json.ts';
import { invalidRequest } from '../../../common/errors/gateway-error.ts';
import type { RequestFields } from './chat-completion-request.ts';

/** A schema is checked, written as JSON and compared in one go: twice as much would block the event loop. */
const BOUNDS = { values: 50_000, characters: 4_000_000 };

/** Throws a GatewayError of status 400 where the schemas of all tools together are larger than can be used. */
export function checkToolSize({ tools, functions }: Pick<RequestFields, 'tools' | 'functions'>): void {
  for (const [param, schemas] of [
    ['tools', (tools ?? []).map((tool) => tool.function.parameters)],
    ['functions', (functions ?? []).map(({ parameters }) => parameters)],
  ] as const) {
    if (isSmallJson(schemas, BOUNDS)) continue;
    const message = `Invalid '${param}': their parameters hold more than ${BOUNDS.values} values or ${BOUNDS.characters} characters.`;
    throw invalidRequest(message, param, 'invalid_function_parameters');
  }
}
