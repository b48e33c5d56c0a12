import type { GatewayError } from './gateway-error.ts';

/** How the clients of one API are told of an error. */
export interface ErrorFormat {
  /** The JSON body of the response. */
  readonly body: (error: GatewayError, requestId: string) => object;
}
