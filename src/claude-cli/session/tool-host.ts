import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { ClientToolServer, clientToolName, modelToolName, toolServerName } from './client-tools.ts';
import type { ControlAnswer, ControlChannel } from '../transport/control-channel.ts';
import { CliProtocolError } from '../errors.ts';
import type { Profile } from '../transport/launch-options.ts';
import type { AssistantMessage, ToolDefinition } from '../turn/turn.ts';

/** The tools that a process is offered: the client's, turn by turn, and what is decided about all others. */
export class ToolHost {
  private server: ClientToolServer | undefined;
  private serverName = '';

  constructor(
    private readonly control: ControlChannel,
    private readonly profile: Profile,
    /** Resolves when a call of a client's tool may end the turn: once the message that makes it has streamed to its end. */
    private readonly holdCall: (signal: AbortSignal) => Promise<void>,
  ) {}

  /** Offers exactly these tools from now on. Throws CliProtocolError when the CLI does not take them. */
  async offer(tools: readonly ToolDefinition[]): Promise<void> {
    const name = toolServerName(tools);
    if (name === this.serverName) return;
    this.server = tools.length > 0 ? new ClientToolServer(tools) : undefined;
    const servers = this.server ? { [name]: { type: 'sdk', name } } : {};
    const answer = await this.control.request({ subtype: 'mcp_set_servers', servers });
    if (Object.keys((answer['errors'] as object | undefined) ?? {}).length > 0) {
      throw new CliProtocolError('the CLI did not accept the tools of the request');
    }
    this.serverName = name;
  }

  /** The reply of the client's tool server to a message of the CLI. */
  async reply(message: JSONRPCMessage): Promise<ControlAnswer | undefined> {
    return this.server && { mcp_response: await this.server.handle(message) };
  }

  /**
   * A call of the client's tools ends the turn; any other tool is granted or denied as the profile says. The CLI asks
   * for each call as soon as its block has ended, while the message still streams: the end of the turn waits for the end
   * of the message, else the calls and texts behind it would be lost.
   */
  async decide(toolName: string, input: unknown, signal: AbortSignal): Promise<ControlAnswer> {
    if (clientToolName(toolName) !== undefined) {
      await this.holdCall(signal);
      return { behavior: 'deny', message: 'The call is carried out by the client.', interrupt: true };
    }
    // The servers of the operator's own configuration are there to be used.
    const isConfiguredServer = this.profile.mcpConfigFile !== undefined && toolName.startsWith('mcp__');
    if (this.profile.grantPermissions || isConfiguredServer) return { behavior: 'allow', updatedInput: input };
    return { behavior: 'deny', message: 'This is not allowed here.' };
  }

  /** An answer of the history as the CLI takes it: its calls under the names that the model knows the tools by. */
  toCliMessage(message: AssistantMessage, model: string): AssistantMessage & { model: string } {
    const content = message.content.map((block) => {
      if (block.type !== 'tool_use') return block;
      const { json: _json, ...call } = block;
      return { ...call, name: modelToolName(this.serverName, call.name) };
    });
    // Without the model the CLI drops thinking.
    return { role: 'assistant', model, content };
  }
}
