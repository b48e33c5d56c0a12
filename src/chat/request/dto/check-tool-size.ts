import { checkToolSize as checkSize } from '../../../turns/tools/check-tool-size.ts';
import type { RequestFields } from './chat-completion-request.ts';

/** Throws a GatewayError of status 400 where the schemas of all tools together are larger than can be used. */
export function checkToolSize({ tools, functions }: Pick<RequestFields, 'tools' | 'functions'>): void {
  checkSize((tools ?? []).map((tool) => tool.function.parameters), 'tools'); // prettier-ignore
  checkSize((functions ?? []).map(({ parameters }) => parameters), 'functions'); // prettier-ignore
}
