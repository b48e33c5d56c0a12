import { Injectable } from '@nestjs/common';
import {
  ClaudeSettings,
  ConversationSettings,
  FileAccessSettings,
  McpSettings,
  ProcessPoolSettings,
} from '../config/settings.ts';

/** The sections of the settings that the pool is built from. */
@Injectable()
export class PoolSettings {
  constructor(
    readonly claude: ClaudeSettings,
    readonly files: FileAccessSettings,
    readonly mcp: McpSettings,
    readonly pool: ProcessPoolSettings,
    readonly conversation: ConversationSettings,
  ) {}
}
