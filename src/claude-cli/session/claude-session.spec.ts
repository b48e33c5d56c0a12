// Guarantee: a session sends its process what a turn needs and nothing more, and says of a process that ended whether another
// one can take the turn.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { run, textOf, turnOf } from '../../../test/support/cli-session.ts';
import { MemoryCli, type Respond, type SentLine } from '../../../test/support/memory-transport.ts';
import { ClaudeSession } from './claude-session.ts';
import { plainProfile } from '../transport/launch-options.ts';

function sessionOf(cli: MemoryCli): ClaudeSession {
  return new ClaudeSession({
    command: 'claude',
    launchArguments: [],
    environment: { ANTHROPIC_BASE_URL: 'http://model' },
    workingDirectory: '/',
    profile: plainProfile(true),
    identity: 'I am Claude.',
    transport: cli.transport,
  });
}

/** The lines of an answer of one text. */
function answer(uuid: string, text: string): object[] {
  const event = (data: object): object => ({ type: 'stream_event', event: data, parent_tool_use_id: null });
  const message = { id: `msg-${uuid}`, model: 'a-model', content: [{ type: 'text', text }], stop_reason: 'end_turn' };
  return [
    event({ type: 'message_start', message: { ...message, content: [], usage: { input_tokens: 3 } } }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }),
    event({ type: 'message_stop' }),
    { type: 'assistant', uuid: `answer-${uuid}`, message, parent_tool_use_id: null },
    { type: 'result', subtype: 'success', is_error: false, user_message_uuid: uuid, total_cost_usd: 0.25 },
  ];
}

const isTurn = ({ type, shouldQuery }: SentLine): boolean => type === 'user' && shouldQuery !== false;
const answers: Respond = (line) => (isTurn(line) ? answer(line.uuid ?? '', 'fine') : undefined);

test('a turn is sent after its settings, and its upstream is closed while it streams and opened behind it', async () => {
  const cli = new MemoryCli(answers);
  const session = sessionOf(cli);
  const events = await run(session, turnOf(['hello']));
  assert.equal(textOf(events), 'fine');
  assert.deepEqual(events.map(({ type }) => type), ['start', 'block-start', 'text-delta', 'block-end', 'finish']); // prettier-ignore
  assert.deepEqual(cli.log, [
    'initialize',
    'apply_flag_settings',
    'turn',
    'apply_flag_settings',
    'apply_flag_settings',
  ]);
  const addresses = cli.sent.flatMap(({ request }) =>
    request?.subtype === 'apply_flag_settings'
      ? [(request['settings'] as { env: { ANTHROPIC_BASE_URL: string } }).env.ANTHROPIC_BASE_URL]
      : [],
  );
  assert.deepEqual(addresses, ['http://model', 'closed', 'http://model']);
  assert.equal(session.held.length, 2);
});

test('a second turn of the conversation needs no settings and no history', async () => {
  const cli = new MemoryCli(answers);
  const session = sessionOf(cli);
  await run(session, turnOf(['hello']));
  const { length } = cli.sent;
  await run(session, turnOf(['hello', 'fine', 'and?']), 2);
  assert.deepEqual(cli.log.slice(length), ['turn', 'apply_flag_settings', 'apply_flag_settings']);
  assert.equal(session.held.length, 4);
});

test('a history is sent message by message, those of the user without a request to the model', async () => {
  const cli = new MemoryCli(answers);
  await run(sessionOf(cli), turnOf(['one', 'two', 'three', 'four', 'five']));
  assert.deepEqual(cli.log.slice(2, 7), ['message', 'assistant', 'message', 'assistant', 'turn']);
});

test('a conversation that is taken back for the reserve gets one more message before the rewind', async () => {
  const cli = new MemoryCli(answers);
  const session = sessionOf(cli);
  await run(session, turnOf(['hello']));
  const { length } = cli.sent;
  await session.empty();
  assert.deepEqual(cli.log.slice(length), ['message', 'rewind_conversation']);
  assert.deepEqual(session.held, []);
  await session.empty();
  assert.equal(cli.sent.length, length + 2);
});

test('a rehearsal leaves nothing, and the upstream open', async () => {
  const cli = new MemoryCli(() => undefined);
  const session = sessionOf(cli);
  await session.initialize();
  await session.rehearse();
  assert.deepEqual(cli.log.slice(1), ['apply_flag_settings', 'turn', 'apply_flag_settings', 'message', 'rewind_conversation']); // prettier-ignore
  assert.deepEqual(session.held, []);
});

for (const [when, code, crashes] of [
  ['before it was told of the turn', 'cli-gone', ({ request }: SentLine) => request?.subtype === 'rewind_conversation'],
  ['when it has the turn and has shown nothing', 'cli-gone', isTurn],
] as const) {
  test(`a process that ends ${when} leaves the turn to another one`, async () => {
    let isArmed = false;
    const cli = new MemoryCli((line, self) => {
      if (isArmed && crashes(line)) {
        self.crash();
        return [];
      }
      return answers(line, self);
    });
    const session = sessionOf(cli);
    await run(session, turnOf(['hello']));
    isArmed = true;
    await assert.rejects(run(session, turnOf(['another'])), { code });
    assert.equal(session.hasEnded, true);
  });
}

test('a process that ends when it has begun with the turn has failed it', async () => {
  const cli = new MemoryCli((line, self) => {
    if (!isTurn(line)) return undefined;
    setImmediate(() => self.crash());
    return [{ type: 'system', subtype: 'init', tools: [] }];
  });
  await assert.rejects(run(sessionOf(cli), turnOf(['hello'])), { code: 'cli-crashed' });
});
