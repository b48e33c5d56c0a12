import { Injectable } from '@nestjs/common';
import { defer, Observable, type Subscription } from 'rxjs';
import { ConversationSettings } from '../config/settings.ts';
import { conversationBusy, conversationWaitTimeout } from './errors.ts';

interface Waiter {
  readonly start: () => void;
}

/** Lets the turns of one conversation run one after the other, in the order in which they came. */
@Injectable()
export class ConversationLine {
  /** The first of each line is the one that runs. */
  private readonly lines = new Map<string, Waiter[]>();

  constructor(private readonly settings: ConversationSettings) {}

  /** Whether a turn of a conversation runs or waits. */
  isBusy(tenant: string, id: string): boolean {
    return this.lines.has(keyOf(tenant, id));
  }

  /**
   * Runs something once it is its turn, cold: subscribing enters the line, unsubscribing leaves it. Fails with a
   * GatewayError when the line is full or the wait too long.
   */
  run<T>(tenant: string, id: string, work: () => Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      const key = keyOf(tenant, id);
      const line = this.lines.get(key) ?? [];
      if (line.length > this.settings.queueSize) return subscriber.error(conversationBusy());
      let running: Subscription | undefined;
      let timer: NodeJS.Timeout | undefined;
      const waiter: Waiter = {
        start: () => {
          clearTimeout(timer);
          running = defer(work).subscribe(subscriber);
        },
      };
      line.push(waiter);
      this.lines.set(key, line);
      subscriber.add(() => {
        clearTimeout(timer);
        running?.unsubscribe();
        this.leave(key, waiter);
      });
      if (line.length === 1) waiter.start();
      else {
        const timeoutMs = this.settings.queueTimeoutSeconds * 1000;
        timer = setTimeout(() => subscriber.error(conversationWaitTimeout()), timeoutMs);
      }
    });
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
