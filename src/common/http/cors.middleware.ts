import { Injectable, type NestMiddleware } from '@nestjs/common';
import cors from 'cors';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { CorsSettings } from '../../config/settings.ts';

/**
 * Allows requests from pages of the configured origins, and responds to preflight requests. Does nothing unless CORS is
 * enabled.
 */
@Injectable()
export class CorsMiddleware implements NestMiddleware {
  private readonly handle: RequestHandler;

  constructor(settings: CorsSettings) {
    this.handle = settings.enabled ? cors(toOptions(settings)) : (_request, _response, next) => next();
  }

  use(request: Request, response: Response, next: NextFunction): void {
    void this.handle(request, response, next);
  }
}

function toOptions(settings: CorsSettings): cors.CorsOptions {
  return {
    origin: settings.allowedOrigins.includes('*') ? '*' : [...settings.allowedOrigins],
    methods: ['GET', 'POST', 'DELETE'],
    ...(settings.allowedHeaders.length > 0 && { allowedHeaders: [...settings.allowedHeaders] }),
    exposedHeaders: [...settings.exposedHeaders],
    maxAge: settings.maxAgeSeconds,
  };
}
