// Guarantee: what is handed out as the answer is valid JSON of the format; a wrong one is repaired once or fails, and what both tries used is counted.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { concat, from, lastValueFrom, of, throwError, toArray, type Observable } from 'rxjs';
import { finish, MODEL } from '../../../test/support/turn-events.ts';
import { UpstreamError } from '../../claude-cli/errors.ts';
import type { Turn, TurnEvent, TurnFinish } from '../../claude-cli/turn/turn.ts';
import { anyObject, formatOfSchema } from './output-format.ts';
import { SchemaChecker } from './schema-checker.ts';
import { StructuredOutput, StructuredOutputError } from './structured-output.ts';

const checker = new SchemaChecker(60_000);
const schema = {
  type: 'object',
  properties: { age: { type: 'integer', minimum: 0 } },
  required: ['age'],
  additionalProperties: false,
};
const turn: Turn = {
  model: MODEL,
  system: ['Be brief.'],
  history: [],
  message: { role: 'user', content: [{ type: 'text', text: 'How old?' }] },
  tools: [],
  settings: { temperature: 0.5 },
};

type Answer = Observable<TurnEvent>;
const start: TurnEvent = { type: 'start', model: MODEL };
const end = (text: string, more: Partial<TurnFinish> = {}): TurnFinish =>
  finish(more.reason, { content: text === '' ? [] : [{ type: 'text', text }], costUsd: 0.01, ...more });
const say = (text: string, more: Partial<TurnFinish> = {}): Answer =>
  from([start, ...pieces(text).map((piece): TurnEvent => ({ type: 'text-delta', text: piece })), end(text, more)]);
const pieces = (text: string): string[] => text.match(/[^]{1,3}/g) ?? [];

interface Outcome {
  readonly turns: Turn[];
  readonly followUps: boolean[];
  readonly events: TurnEvent[];
  readonly text: string;
  readonly error?: unknown;
}

/** Runs a turn whose tries are answered in the order given. */
const PLACE = { parameter: 'response_format', field: 'response_format.json_schema.schema' };

async function ask(
  answers: Answer[],
  more: {
    format?: 'json_object' | Record<string, unknown>;
    holdsBack?: boolean;
    turn?: Turn;
    on?: StructuredOutput;
  } = {},
): Promise<Outcome> {
  const { format = schema, holdsBack = false } = more;
  const mapped =
    format === 'json_object' ? anyObject('response_format') : formatOfSchema(format, { ...PLACE, title: 'x' });
  const turns: Turn[] = [];
  const followUps: boolean[] = [];
  const events: TurnEvent[] = [];
  const run = (next: Turn, isFollowUp: boolean): Answer => {
    turns.push(next);
    followUps.push(isFollowUp);
    return answers.shift() ?? throwError(() => new Error('one turn too many'));
  };
  let error: unknown;
  await new Promise<void>((resolve) => {
    (more.on ?? new StructuredOutput(checker))
      .run(more.turn ?? turn, { format: mapped, tenant: 't', run, holdsBack })
      .subscribe({
        next: (event) => events.push(event),
        complete: resolve,
        error: (failure: unknown) => {
          error = failure;
          resolve();
        },
      });
  });
  const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
  return { turns, followUps, events, text, ...(error !== undefined && { error }) };
}

function finishOf({ events }: Outcome): TurnFinish {
  const last = events.at(-1);
  assert.ok(last?.type === 'finish', 'it did not finish');
  return last;
}

function failureOf({ error }: Outcome): StructuredOutputError {
  assert.ok(error instanceof StructuredOutputError, String(error));
  assert.deepEqual([error.status, error.code], [502, 'structured_output_failed']);
  return error;
}

test('a right answer is streamed as it comes, its decoding held to the schema', async () => {
  const outcome = await ask([say('{"age":30}')]);
  assert.deepEqual(await lastValueFrom(say('{"age":30}').pipe(toArray())), outcome.events);
  assert.deepEqual(outcome.turns, [{ ...turn, settings: { ...turn.settings, outputSchema: { title: 'x', ...schema, properties: { age: { type: 'integer', description: '{minimum: 0}' } } } } }]); // prettier-ignore
});

test('an answer that is not streamed comes in one piece, when it is known to be right', async () => {
  const { events } = await ask([say('{"age":30}')], { holdsBack: true });
  assert.deepEqual(
    events.map(({ type }) => type),
    ['start', 'text-delta', 'finish'],
  );
});

test('where the API knows no such format, the model is asked for it behind the system texts', async () => {
  for (const format of ['json_object', { type: 'object' }] as const) {
    const { turns } = await ask([say('{}')], { format });
    assert.equal(turns[0]?.system.length, 2);
    assert.match(turns[0]?.system[1] ?? '', /JSON/);
    assert.deepEqual({ ...turns[0], system: turn.system }, turn);
  }
});

const WRONG: Record<string, [answer: string, problem: RegExp]> = {
  prose: ['I am thirty years old.', /does not begin with a JSON object/],
  'two objects among prose': ['Either {"age":30} or {"age":31}.', /does not begin with a JSON object/],
  'an object of another shape in a fence': ['Here:\n```json\n{"age":"x"}\n```', /'\/age' must be integer/],
  nothing: ['', /it is empty/],
  'a list instead of an object': ['[30]', /does not begin with a JSON object/],
};
for (const [what, [answer, problem]] of Object.entries(WRONG)) {
  for (const holdsBack of [true, false]) {
    test(`${what}, ${holdsBack ? 'whole' : 'streamed'}: the model is told what is wrong, and its second answer counts`, async () => {
      const outcome = await ask([say(answer), say('{"age":30}')], { holdsBack });
      assert.equal(outcome.text, '{"age":30}');
      const repair = outcome.turns[1]?.message.content.at(-1);
      assert.match(repair?.type === 'text' ? repair.text : '', problem);
      assert.deepEqual(outcome.followUps, [false, true]);
      assert.equal(outcome.events.filter(({ type }) => type === 'start').length, 1);
    });
  }
}

const TAKEN_OUT: Record<string, string> = {
  'prose before it': 'Here it is: {"age":30}',
  'prose behind it': '{"age":30}\n\nThat is all, [really].',
  'prose around a fence': 'Sure!\n```json\n{"age":30}\n```\nThat is all.',
  'a fence and prose behind it': '```json\n{"age":30}\n```\nThat is all.',
};
for (const [what, answer] of Object.entries(TAKEN_OUT)) {
  for (const holdsBack of [true, false]) {
    test(`JSON with ${what}, ${holdsBack ? 'whole' : 'streamed'}: the JSON alone is the answer, without a second request`, async () => {
      const outcome = await ask([say(answer)], { holdsBack });
      assert.deepEqual([outcome.text, outcome.turns.length, finishOf(outcome).reason], ['{"age":30}', 1, 'stop']);
    });
  }
}

const SHOWN: Record<string, [answer: string, shown: string, problem: RegExp]> = {
  'of another shape': ['{"age":"thirty"}', '{"age":"thirty"}', /'\/age' must be integer/],
  'out of bounds': ['{"age":-1}', '{"age":-1}', /'\/age' must be >= 0/],
  'broken JSON': ['{"age":30,}', '{"age":30,', /not valid JSON/],
  'not complete': ['{"age":30', '{"age":30', /not complete/],
  'with another object behind it': ['{"age":30} or {"age":31}', '{"age":30}', /something else follows/],
};
for (const [what, [answer, shown, problem]] of Object.entries(SHOWN)) {
  test(`${what}, whole: it is repaired`, async () => {
    const outcome = await ask([say(answer), say('{"age":30}')], { holdsBack: true });
    assert.equal(outcome.text, '{"age":30}');
    const repair = outcome.turns[1]?.message.content[0];
    assert.match(repair?.type === 'text' ? repair.text : '', problem);
  });

  test(`${what}, streamed: what was shown cannot be taken back, so it fails`, async () => {
    const outcome = await ask([say(answer)]);
    assert.match(failureOf(outcome).message, problem);
    assert.equal(outcome.text, shown);
    assert.equal(outcome.turns.length, 1);
  });
}

test('the second try goes on from the wrong answer, and what both used is one sum', async () => {
  const outcome = await ask([say('thirty'), say('{"age":30}')]);
  assert.deepEqual(outcome.turns[1]?.history, [
    turn.message,
    { role: 'assistant', content: [{ type: 'text', text: 'thirty' }] },
  ]);
  assert.deepEqual(outcome.turns[1]?.settings, outcome.turns[0]?.settings);
  const { usage, costUsd } = finishOf(outcome);
  const once = finish().usage;
  assert.deepEqual(
    [usage.inputTokens, usage.outputTokens, costUsd],
    [once.inputTokens * 2, once.outputTokens * 2, 0.02],
  );
});

test('a second wrong answer is an error that quotes no answer and tells what was used', async () => {
  const outcome = await ask([say('thirty'), say('Still thirty.')]);
  const failure = failureOf(outcome);
  assert.equal(outcome.text, '');
  assert.equal(outcome.turns.length, 2);
  assert.equal(failure.spent.usage.outputTokens, finish().usage.outputTokens * 2);
  assert.doesNotMatch(String(failure.cause) + failure.message, /hirty/);
});

test('an answer in a code fence is taken out of it', async () => {
  const { text, turns } = await ask([say('```json\n{"age":30}\n```')]);
  assert.equal(text, '{"age":30}');
  assert.equal(turns.length, 1);
});

test('a turn that calls tools is handed on as it is, prose included', async () => {
  const call: TurnEvent[] = [
    { type: 'tool-call-start', index: 0, id: 'a', name: 'f' },
    { type: 'tool-call-delta', index: 0, json: '{}' },
  ];
  for (const holdsBack of [true, false]) {
    const last = finish('tool-calls');
    const all: TurnEvent[] = [start, { type: 'text-delta', text: 'Let me look.' }, ...call, last];
    assert.deepEqual((await ask([from(all)], { holdsBack })).events, all);
  }
});

test('an answer that was cut off is handed out as far as it is JSON', async () => {
  for (const holdsBack of [true, false]) {
    const cut = await ask([say('{"age":3', { reason: 'length' })], { holdsBack });
    assert.deepEqual([cut.text, finishOf(cut).reason], ['{"age":3', 'length']);
    const prose = await ask([say('I am thir', { reason: 'length' })], { holdsBack });
    assert.deepEqual([prose.text, finishOf(prose).reason], ['', 'length']);
    const stopped = await ask([say('{"age":', { stopSequence: '30' })], { holdsBack });
    assert.deepEqual([stopped.text, finishOf(stopped).reason], ['{"age":', 'stop']);
  }
});

test('a refusal is a refusal', async () => {
  for (const holdsBack of [true, false]) {
    const outcome = await ask([say('I would rather not', { reason: 'refusal' })], { holdsBack });
    assert.deepEqual([outcome.text, finishOf(outcome).reason, outcome.turns.length], ['', 'refusal', 1]);
  }
});

test('what is thought while an answer is mended is not shown', async () => {
  const thinking = (text: string): Answer => of({ type: 'reasoning-delta', text });
  const { events } = await ask([concat(thinking('one'), say('no')), concat(thinking('two'), say('{"age":1}'))]);
  assert.deepEqual(
    events.filter(({ type }) => type === 'reasoning-delta'),
    [{ type: 'reasoning-delta', text: 'one' }],
  );
});

test('a schema that the API refuses is asked for in words, and the next time at once', async () => {
  const refusal = throwError(() => new UpstreamError(400, 'output_config.format.schema: Schema is too complex.'));
  const on = new StructuredOutput(checker);
  const first = await ask([refusal, say('{"age":30}')], { on });
  assert.equal(first.text, '{"age":30}');
  assert.deepEqual(first.followUps, [false, true]);
  assert.equal(first.turns[1]?.settings.outputSchema, undefined);
  assert.match(first.turns[1]?.system[1] ?? '', /"minimum":0/);
  const second = await ask([say('{"age":30}')], { on });
  assert.equal(second.turns[0]?.settings.outputSchema, undefined);
  const otherModel = await ask([say('{"age":30}')], { on, turn: { ...turn, model: 'other' } });
  assert.notEqual(otherModel.turns[0]?.settings.outputSchema, undefined);
});

test('other failures are passed on as they are', async () => {
  for (const error of [
    new UpstreamError(400, 'tools.0.input_schema: invalid'),
    new UpstreamError(400, 'prompt is too long for this schema', undefined, true),
    new UpstreamError(529, 'output_config: overloaded'),
    new Error('schema'),
  ]) {
    assert.equal((await ask([throwError(() => error)])).error, error);
  }
});

test('a format that cannot be checked is refused before the model is asked, and one that can is announced once', async () => {
  const structured = new StructuredOutput(checker);
  const format = formatOfSchema(schema, { ...PLACE, title: 'x' });
  assert.deepEqual(await lastValueFrom(structured.prepare(format, 't').pipe(toArray())), [undefined]);
  const plain = anyObject('response_format');
  assert.deepEqual(await lastValueFrom(structured.prepare(plain, 't').pipe(toArray())), [undefined]);
  // Of the vocabulary of the compiler, and not of the dialect.
  const unusable = { ...format, schema: { $ref: '#/$defs/none' } };
  await assert.rejects(lastValueFrom(structured.prepare(unusable, 't')), { status: 400, code: 'invalid_json_schema', param: 'response_format.json_schema.schema' }); // prettier-ignore
});
