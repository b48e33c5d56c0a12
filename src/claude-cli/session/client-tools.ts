import { createHash } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ListToolsRequestSchema, type JSONRPCMessage, type Tool } from '@modelcontextprotocol/sdk/types.js';
import type { ToolDefinition } from '../turn/turn.ts';

const SERVER_PATTERN = /^mcp__client_[0-9a-f]{20}__(.+)$/s;

/**
 * The name of the MCP server that offers a list of tools: equal for equal lists only; empty for none. The CLI caches the
 * tools of a server by its name, so a changed list needs another name; a name derived from the list alone keeps requests
 * equal on every process. It has enough digits to rule out deliberate collisions.
 */
export function toolServerName(tools: readonly ToolDefinition[]): string {
  if (tools.length === 0) return '';
  return `client_${createHash('sha256').update(JSON.stringify(tools)).digest('hex').slice(0, 20)}`;
}

/** The model's name for a tool of the client. */
export function modelToolName(serverName: string, clientName: string): string {
  return `mcp__${serverName}__${clientName}`;
}

/** The client's name for a tool that the model called; undefined for other tools. */
export function clientToolName(modelName: string): string | undefined {
  return SERVER_PATTERN.exec(modelName)?.[1];
}

/**
 * An in-process MCP server that lists the client's tools. The CLI never calls them through it: a call ends the turn, and
 * the client receives it.
 */
export class ClientToolServer {
  private readonly transport = new ReplyTransport();
  private readonly ready: Promise<void>;

  constructor(tools: readonly ToolDefinition[]) {
    const server = new Server({ name: 'client', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(toMcpTool) }));
    this.ready = server.connect(this.transport);
  }

  /** The server's reply to one JSON-RPC message; an empty result for a notification. */
  async handle(message: JSONRPCMessage): Promise<JSONRPCMessage> {
    await this.ready;
    return this.transport.exchange(message);
  }
}

function toMcpTool(tool: ToolDefinition): Tool {
  return {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    inputSchema: { ...tool.inputSchema, type: 'object' },
  };
}

/** Passes one message to the server and returns its reply, matched by JSON-RPC id. */
class ReplyTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  private readonly waiting = new Map<string | number, (reply: JSONRPCMessage) => void>();

  start(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    if ('id' in message && message.id !== undefined) {
      this.waiting.get(message.id)?.(message);
      this.waiting.delete(message.id);
    }
    return Promise.resolve();
  }

  exchange(message: JSONRPCMessage): Promise<JSONRPCMessage> {
    if (!('id' in message) || message.id === undefined) {
      this.onmessage?.(message);
      return Promise.resolve({ jsonrpc: '2.0', id: 0, result: {} });
    }
    const { id } = message;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.onmessage?.(message);
    });
  }
}
