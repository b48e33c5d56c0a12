import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { requestContext, type RequestContext } from './request-context.ts';

/** A route parameter: the context of the request, or one field of it. */
export const Context = createParamDecorator((field: keyof RequestContext | undefined, execution: ExecutionContext) => {
  const context = requestContext(execution.switchToHttp().getRequest<Request>());
  return field === undefined ? context : context[field];
});
