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
    'GET /v1/models',
    '/v1/conversations',
    'GET /stats',
    'GET /health/ready',
  ],
};

/** What is found at a base URL alone, which clients ask for to see whether anything is there. */
@Controller()
export class AppController {
  @Get(['', 'v1'])
  describe(): ServiceDescription {
    return DESCRIPTION;
  }
}
