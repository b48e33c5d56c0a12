import { Injectable } from '@nestjs/common';
import { defer, finalize, switchMap, type Observable } from 'rxjs';
import type { Turn, TurnEvent } from '../../claude-cli/turn/turn.ts';
import type { RequestContext } from '../../common/http/request-context.ts';
import { ClaudeSettings } from '../../config/settings.ts';
import { LimitStage } from './limit-stage.ts';
import type { OpenTurns } from '../open-turns.ts';
import type { LeaseOptions } from '../../process-pool/pool/lease.ts';
import { ProcessPoolService } from '../../process-pool/process-pool.service.ts';
import type { ChoiceEvent } from '../../turns/answer-event.ts';
import type { PreparedChat } from '../../chat/prepared-chat.ts';
import { runUnderModelNames } from '../../turns/property-names/rename-turn.ts';
import { runChoices } from './run-choices.ts';
import { StructuredOutput } from '../structured/structured-output.ts';

/**
 * Asks the model, within the limits of the key and of the service: the turn once for each choice, each held to the format
 * that the request asks for.
 */
@Injectable()
export class ChoiceStage {
  private readonly structured = new StructuredOutput();

  constructor(
    private readonly pool: ProcessPoolService,
    private readonly limits: LimitStage,
    private readonly settings: ClaudeSettings,
  ) {}

  /** The choices, cold; fails with what the layers below throw. */
  run(prepared: PreparedChat, context: RequestContext): Observable<ChoiceEvent> {
    const { format } = prepared;
    const choices = this.limits.apply(
      (turns) => this.keepingProcesses(this.choices(prepared, context, turns)),
      context,
    );
    return format ? this.structured.prepare(format, context.tenant).pipe(switchMap(() => choices)) : choices;
  }

  private choices(prepared: PreparedChat, context: RequestContext, turns: OpenTurns): Observable<ChoiceEvent> {
    const { request, timing } = prepared;
    return runChoices(request.n ?? 1, this.settings.maxConcurrentSessions, (choice) =>
      this.runChoice(prepared, {
        tenant: context.tenant,
        requestId: context.requestId,
        // The request has its place in the line with its first choice.
        isAdmitted: choice > 0,
        isWhole: request.stream !== true,
        onPiece: () => timing.noteToken(),
        onLeased: (lease) => {
          turns.begin();
          timing.noteLease(lease);
        },
        onSettled: ({ spending }) => {
          this.limits.charge(spending, context);
          turns.settle();
        },
      }),
    );
  }

  /** The turns of an answer that has begun are not refused because the service is told to stop meanwhile. */
  private keepingProcesses(events: Observable<ChoiceEvent>): Observable<ChoiceEvent> {
    return defer(() => events.pipe(finalize(this.pool.keepOpen())));
  }

  private runChoice({ request, turn, format }: PreparedChat, options: LeaseOptions): Observable<TurnEvent> {
    const run = (next: Turn, isFollowUp: boolean): Observable<TurnEvent> => {
      const isAdmitted = options.isAdmitted === true || isFollowUp;
      return runUnderModelNames(next, (renamed) => this.pool.run(renamed, { ...options, isAdmitted }));
    };
    if (!format) return run(turn, false);
    return this.structured.run(turn, { format, tenant: options.tenant, holdsBack: request.stream !== true, run });
  }
}
