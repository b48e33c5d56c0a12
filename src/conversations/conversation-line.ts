import { Injectable } from '@nestjs/common';
import { defer, from, Observable, type Subscription } from 'rxjs';
import { ConversationSettings } from '../config/settings.ts';
import { conversationBusy, conversationWaitTimeout } from './errors.ts';

interface Waiter {
  readonly isTurn: boolean;
  readonly start: () => void;
}

/** A place in the queue of a conversation. */
export interface Place {
  /** Keeps the place until the work is done, even when the client leaves before. Returns the work. */
  keepFor<T>(work: Promise<T>): Promise<T>;
}

/** The queue of each conversation: its turns, and other changes of its items, run one after the other in order of arrival. */
@Injectable()
export class ConversationLine {
  /** The first of each queue is the one that runs. */
  private readonly lines = new Map<string, Waiter[]>();

  constructor(private readonly settings: ConversationSettings) {}

  /** Whether anything of a conversation runs or waits. */
  isBusy(tenant: string, id: string): boolean {
    return this.lines.has(keyOf(tenant, id));
  }

  /**
   * Runs a turn when its time comes, cold: subscribing enters the queue, unsubscribing leaves it. Fails with a GatewayError
   * when the queue is full or the wait too long.
   */
  run<T>(tenant: string, id: string, work: (place: Place) => Observable<T>): Observable<T> {
    return this.enter(keyOf(tenant, id), true, work);
  }

  /**
   * Makes a change that is no turn when its time comes. Rejects as `run` fails, and with the reason of the signal when
   * that is aborted while the change waits.
   */
  change<T>(tenant: string, id: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      let isWaiting = true;
      const stopWaiting = (): void => {
        isWaiting = false;
        signal.removeEventListener('abort', leave);
      };
      const leave = (): void => {
        entered.unsubscribe();
        reject(signal.reason as Error);
      };
      const entered = this.enter(keyOf(tenant, id), false, (place) => {
        stopWaiting();
        return from(place.keepFor(work()));
      }).subscribe({
        next: resolve,
        error: (error) => {
          stopWaiting();
          reject(error);
        },
      });
      if (isWaiting) signal.addEventListener('abort', leave, { once: true });
    });
  }

  private enter<T>(key: string, isTurn: boolean, work: (place: Place) => Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      const line = this.lines.get(key) ?? [];
      if (this.isFull(line)) return subscriber.error(conversationBusy());
      let running: Subscription | undefined;
      let timer: NodeJS.Timeout | undefined;
      let kept: Promise<unknown> | undefined;
      const place: Place = {
        keepFor: (promise) => {
          kept = promise;
          return promise;
        },
      };
      const waiter: Waiter = {
        isTurn,
        start: () => {
          clearTimeout(timer);
          running = defer(() => work(place)).subscribe(subscriber);
        },
      };
      line.push(waiter);
      this.lines.set(key, line);
      subscriber.add(() => {
        clearTimeout(timer);
        running?.unsubscribe();
        const leave = (): void => this.leave(key, waiter);
        if (kept) void kept.then(leave, leave);
        else leave();
      });
      if (line.length === 1) waiter.start();
      else {
        const timeoutMs = this.settings.queueTimeoutSeconds * 1000;
        timer = setTimeout(() => subscriber.error(conversationWaitTimeout()), timeoutMs);
      }
    });
  }

  /** What stands before the first turn takes no time, however much it is. */
  private isFull(line: readonly Waiter[]): boolean {
    const firstTurn = line.findIndex(({ isTurn }) => isTurn);
    return firstTurn >= 0 && line.length - firstTurn > this.settings.queueSize;
  }

  private leave(key: string, waiter: Waiter): void {
    const line = this.lines.get(key);
    const place = line?.indexOf(waiter) ?? -1;
    if (!line || place < 0) return;
    line.splice(place, 1);
    if (line.length === 0) this.lines.delete(key);
    else if (place === 0) line[0]?.start();
  }
}

/** No id has a space in it. */
function keyOf(tenant: string, id: string): string {
  return `${tenant} ${id}`;
}
