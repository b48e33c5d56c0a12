/** The end-to-end suites that hold in the mode without an API key too: those of histories, tools, cancels, parameters and conversations. */
export const SUITES_WITHOUT_API_KEY = [
  'cancel',
  'choices',
  'conversation-changes',
  'conversation-storage',
  'conversations',
  'fidelity',
  'history',
  'parameters',
  'structured-output',
  'tool-loop',
  'tool-schemas',
];
