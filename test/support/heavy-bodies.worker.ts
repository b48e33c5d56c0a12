import { parentPort } from 'node:worker_threads';
import { HEAVY_BODIES } from './heavy-bodies.ts';
import { call } from './http-call.ts';

/** What is asked of the worker: to send a body, so that nothing of it is made or sent on the thread of the service. */
export interface SendHeavyBody {
  readonly name: string;
  readonly url: string;
}

/** First that the body is about to be sent, then how it was answered. */
export type HeavyBodyReply = 'ready' | { readonly status: number; readonly text: string };

parentPort?.on('message', ({ name, url }: SendHeavyBody) => {
  const { path, make } = HEAVY_BODIES.get(name)!;
  const body = make();
  parentPort?.postMessage('ready' satisfies HeavyBodyReply);
  void call({ url }, path, { body }).then(({ status, text }) => {
    parentPort?.postMessage({ status, text: text.slice(0, 500) } satisfies HeavyBodyReply);
  });
});
