import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { ClientToolServer, clientToolName, modelToolName, toolServerName } from './client-tools.ts';
import type { ControlAnswer, ControlChannel } from '../transport/control-channel.ts';
import { CliProtocolError } from '../errors.ts';
import type { Profile } from '../transport/launch-options.ts';
import type { AssistantMessage, ToolDefinition } from '../turn/turn.ts';

/** The tools of a process: offers the client's for each turn, and grants or denies all others. */
export class ToolHost {
  private server: ClientToolServer | undefined;
  private serverName = '';

  constructor(
    private readonly control: ControlChannel,
    private readonly profile: Profile,
    /** Resolves when a call of a client's tool may end the turn: once its message has streamed to its end. */
    private readonly holdCall: (signal: AbortSignal) => Promise<void>,
  ) {}

  /** Offers exactly these tools from now on. Rejects with CliProtocolError if the CLI does not accept them. */
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

  /** The client tool server's reply to a message of the CLI. */
  async reply(message: JSONRPCMessage): Promise<ControlAnswer | undefined> {
    return this.server && { mcp_response: await this.server.handle(message) };
  }

  /**
   * Ends the turn for a call of the client's tools; grants or denies any other tool by the profile. The CLI asks for each
   * call at the end of its block, while the message still streams. The reply waits for the end of the message, or the calls
   * and texts after it would be lost.
   */
  async decide(toolName: string, input: unknown, signal: AbortSignal): Promise<ControlAnswer> {
    if (clientToolName(toolName) !== undefined) {
      await this.holdCall(signal);
      return { behavior: 'deny', message: 'The call is carried out by the client.', interrupt: true };
    }
    // The operator has configured these servers for use.
    const isConfiguredServer = this.profile.mcpConfigFile !== undefined && toolName.startsWith('mcp__');
    if (this.profile.grantPermissions || isConfiguredServer) return { behavior: 'allow', updatedInput: input };
    return { behavior: 'deny', message: 'This is not allowed here.' };
  }

  /** An assistant message of the history in the CLI's form: calls under the model's names of the tools. */
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
