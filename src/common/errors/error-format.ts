import type { GatewayError } from './gateway-error.ts';

/** The form of errors in one API. */
export interface ErrorFormat {
  /** The JSON body of the response. */
  readonly body: (error: GatewayError, requestId: string) => object;
}
