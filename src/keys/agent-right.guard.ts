import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { GatewayError } from '../common/errors/gateway-error.ts';
import { requestContext } from '../common/http/request-context.ts';
import { ClaudeSettings, McpSettings } from '../config/settings.ts';

/** Refuses requests of keys without the right `agent` if processes have tools of the CLI or MCP servers. */
@Injectable()
export class AgentRightGuard implements CanActivate {
  private readonly isNeeded: boolean;

  constructor(claude: ClaudeSettings, mcp: McpSettings) {
    this.isNeeded = claude.tools.length > 0 || mcp.enabled;
  }

  canActivate(execution: ExecutionContext): boolean {
    const { policy } = requestContext(execution.switchToHttp().getRequest<Request>());
    if (this.isNeeded && !policy.agent) throw agentNotAllowed();
    return true;
  }
}

function agentNotAllowed(): GatewayError {
  const message = 'Your API key may not use this service: its models have tools of their own, for which a key needs the right "agent".'; // prettier-ignore
  return new GatewayError(403, message, { code: 'agent_not_allowed' });
}
