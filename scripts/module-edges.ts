/**
 * Which folders of src each folder may import: the layers of docs/architecture.md, from the doors down to the leaves. The
 * linter refuses every other import (oxlint.config.ts); files directly in src may import all.
 */
export const MODULE_EDGES: Readonly<Record<string, readonly string[]>> = {
  // Doors: one API each; they never import each other.
  chat: [
    'answers', 'openai', 'turns', 'response-cache', 'models', 'media', 'keys', 'claude-cli', 'common', 'config',
  ], // prettier-ignore
  messages: [
    'answers', 'turns', 'response-cache', 'models', 'media', 'keys', 'claude-cli', 'common', 'config',
  ], // prettier-ignore
  responses: [
    'answers', 'openai', 'turns', 'conversations', 'models', 'media', 'keys', 'claude-cli', 'common', 'config',
  ], // prettier-ignore
  completions: ['answers', 'openai', 'turns', 'models', 'keys', 'claude-cli', 'common', 'config'],
  // Forms of OpenAI's APIs that several doors share.
  openai: ['turns', 'claude-cli', 'common'],
  // From an asked turn to the events of its answer; no word of any API.
  answers: [
    'turns', 'conversations', 'response-cache', 'limits', 'models', 'process-pool', 'claude-cli', 'common', 'config',
  ], // prettier-ignore
  turns: ['claude-cli', 'common'],
  conversations: ['media', 'models', 'process-pool', 'claude-cli', 'common', 'config'],
  models: ['process-pool', 'claude-cli', 'common', 'config'],
  stats: ['response-cache', 'limits', 'keys', 'process-pool', 'common', 'config'],
  health: ['conversations', 'process-pool', 'keys', 'common'],
  'response-cache': ['turns', 'claude-cli', 'common', 'config'],
  limits: ['common', 'config'],
  media: ['common', 'config'],
  keys: ['common', 'config'],
  'process-pool': ['claude-cli', 'common', 'config'],
  'claude-cli': [],
  common: ['config'],
  config: [],
};

/** Packages that a folder must not import, because they belong to a layer above it. */
export const FORBIDDEN_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  answers: ['openai'],
  turns: ['openai', '@nestjs'],
  'response-cache': ['openai'],
  media: ['openai'],
  'process-pool': ['openai'],
  'claude-cli': ['openai', '@nestjs'],
};
