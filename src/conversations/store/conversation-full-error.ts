/** A conversation cannot hold what was to be added; nothing of it was. */
export class ConversationFullError extends Error {
  /** @param bound what it holds at most, in words that a client can be told */
  constructor(readonly bound: string) {
    super(`a conversation holds at most ${bound}`);
    this.name = 'ConversationFullError';
  }
}
