import { Controller, Get } from '@nestjs/common';

export interface ServiceDescription {
  readonly name: string;
  readonly message: string;
  readonly endpoints: readonly string[];
}

const DESCRIPTION: ServiceDescription = {
  name: 'claude-code-api',
  message: "OpenAI's API in front of the Claude Code CLI. The base URL of a client is this address followed by /v1.",
  endpoints: [
    'POST /v1/chat/completions',
    'POST /v1/completions',
    'POST /v1/responses',
    'POST /v1/messages',
    'GET /v1/models',
    '/v1/conversations',
    'GET /stats',
    'GET /health/ready',
  ],
};

/** Responds at the bare base URL, which clients request to test whether the service runs. */
@Controller()
export class AppController {
  @Get(['', 'v1'])
  describe(): ServiceDescription {
    return DESCRIPTION;
  }
}
