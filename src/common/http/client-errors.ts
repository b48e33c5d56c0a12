import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Request, Response } from 'express';
import { openAiErrorFormat } from '../errors/openai-error-format.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { writeError } from '../errors/write-error.ts';
import type { Logger } from '../logging/logger.ts';
import { SECURITY_HEADERS } from './security-headers.middleware.ts';

/** How long a refused client may take to read the response. */
const LINGER_MS = 1000;

/**
 * Responds, in the usual error format, to what never becomes a request: invalid HTTP, headers that are too large, a request
 * that is not sent in time. Then closes the connection.
 */
export function answerClientErrors(server: Server, logger: Pick<Logger, 'info'>): void {
  const answers = new WeakMap<Duplex, Response>();
  const refused = new WeakSet<Duplex>();
  server.on('request', (request: Request, response: Response) => void answers.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (refused.has(socket)) return;
    refused.add(socket);
    const answer = toAnswer(error.code);
    const current = answers.get(socket);
    const isServing = current !== undefined && !current.closed;
    if (!answer || !socket.writable || (isServing && current.headersSent && !current.req.complete)) {
      socket.destroy(error);
    } else if (isServing && current.req.complete) {
      // The error concerns the bytes after the request that is being served.
      current.once('close', () => socket.destroy());
    } else if (isServing) {
      current.setHeader('connection', 'close');
      writeError(current, answer);
      endSoon(socket);
    } else if (socket instanceof Socket && socket.bytesRead === 0) {
      // A connection without any request.
      socket.destroy();
    } else {
      const requestId = `req_${randomUUID().replaceAll('-', '')}`;
      const client = socket instanceof Socket ? socket.remoteAddress : undefined;
      logger.info({ requestId, client, status: answer.status, outcome: answer.code }, 'request');
      socket.end(toHttp(answer, requestId));
      endSoon(socket);
    }
  });
}

function toAnswer(code: string | undefined): GatewayError | undefined {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refusal(431, 'The headers of the request are too large.', 'headers_too_large');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return refusal(413, 'The body of the request is too large.', 'request_too_large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refusal(408, 'The request was not sent in time.', 'request_timeout');
    default:
      // A broken connection gets no response.
      return code?.startsWith('HPE_') ? refusal(400, 'The request is not valid HTTP.', 'invalid_http') : undefined;
  }
}

function refusal(status: number, message: string, code: string): GatewayError {
  return new GatewayError(status, message, { code });
}

function toHttp(answer: GatewayError, requestId: string): string {
  const body = JSON.stringify(openAiErrorFormat.body(answer));
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${lines.join('')}\r\n${body}`;
}

/** An immediate destroy could discard the response; without a timeout the client could keep the connection. */
function endSoon(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
