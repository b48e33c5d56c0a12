import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { refuseIgnored } from '../common/body/refuse-ignored.ts';
import { ignoredHeader } from '../common/http/ignored-header.ts';
import { ClaudeSettings } from '../config/settings.ts';

/** Tells what of a request for stored things has no effect. */
@Injectable()
export class IgnoredFields {
  constructor(private readonly settings: ClaudeSettings) {}

  /**
   * Names fields of the body and the whole query in a header. Throws a GatewayError of status 400 where the service
   * refuses such fields.
   */
  tell(request: Request, fields: readonly string[] = []): void {
    this.tellFields(request, [...fields, ...Object.keys(request.query)]);
  }

  /** The same without the query, for where it is read. */
  tellFields({ res: response }: Request, fields: readonly string[]): void {
    if (fields.length === 0) return;
    if (this.settings.strictParameters) refuseIgnored(fields);
    response?.setHeader('x-claude-code-ignored', ignoredHeader(fields));
  }
}
