import { Injectable, type NestMiddleware } from '@nestjs/common';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { ServerSettings } from '../../config/settings.ts';
import { hasBody } from './content-type.middleware.ts';

/** Reads a body of any type into `body`, decompressed and up to the size limit. Any body that arrives here is JSON. */
@Injectable()
export class RawBodyMiddleware implements NestMiddleware {
  private readonly read: RequestHandler;

  constructor(server: ServerSettings) {
    this.read = express.raw({ limit: server.maxBodyMegabytes * 1024 * 1024, type: hasBody });
  }

  use(request: Request, response: Response, next: NextFunction): void {
    void this.read(request, response, next);
  }
}
