/** The end-to-end suites that `npm test` runs once more without an API key: histories, tools, cancels, parameters, conversations. */
export const SUITES_RUN_TWICE = ['cancel', 'conversations', 'fidelity', 'parameters', 'tool-loop'];

/** All end-to-end suites that hold in the mode without an API key too. */
export const SUITES_WITHOUT_API_KEY = [
  ...SUITES_RUN_TWICE,
  'choices',
  'conversation-changes',
  'conversation-storage',
  'history',
  'structured-output',
  'tool-schemas',
];
