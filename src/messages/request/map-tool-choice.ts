import type { ToolChoice } from '../../claude-cli/turn/turn.ts';
import { invalidRequest, unsupported } from '../../common/errors/gateway-error.ts';
import { isClientTool, type MessagesRequest } from './dto/messages-request.ts';

/** How the model may use the tools; undefined: as it likes. Throws a GatewayError of status 400 for a choice of no tool. */
export function mapToolChoice({ tools, tool_choice: choice }: MessagesRequest): ToolChoice | undefined {
  if (!choice) return undefined;
  const offered = (tools ?? []).filter(isClientTool);
  const isForced = choice.type === 'any' || choice.type === 'tool';
  if (isForced && (tools ?? []).length === 0) {
    throw invalidRequest("'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice');
  }
  if (choice.type === 'tool' && !offered.some(({ name }) => name === choice.name)) {
    const isKnown = (tools ?? []).some(({ name }) => name === choice.name);
    if (isKnown) throw unavailable(`the tool '${choice.name}' is not available here`, 'tool_choice.name');
    throw invalidRequest(`Invalid 'tool_choice.name': there is no tool '${choice.name}'.`, 'tool_choice.name');
  }
  if (offered.length === 0) {
    if (isForced) throw unavailable('none of the tools is available here', 'tool_choice');
    return undefined;
  }
  const single = choice.type !== 'none' && choice.disable_parallel_tool_use === true;
  const parallel = single ? { disableParallelToolUse: true } : {};
  switch (choice.type) {
    case 'none':
      return { type: 'none' };
    case 'tool':
      return { type: 'tool', name: choice.name, ...parallel };
    case 'any':
      return { type: 'any', ...parallel };
    case 'auto':
      return single ? { type: 'auto', ...parallel } : undefined;
  }
}

function unavailable(why: string, param: string): Error {
  return unsupported(`Invalid '${param}': ${why}.`, param);
}
