import type { ChatCompletionRequest } from '../request/dto/chat-completion-request.ts';
import type { CallForm } from './map-finish-reason.ts';

/** Requests that offer `functions` are answered in the same legacy form. */
export function callFormOf(request: ChatCompletionRequest): CallForm {
  return request.functions ? 'functions' : 'tools';
}
