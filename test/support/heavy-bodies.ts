/** A body that is cheap to send and could be dear to read. */
export interface HeavyBody {
  readonly path: string;
  readonly make: () => string;
}

const CHAT = '/v1/chat/completions';
const CONVERSATIONS = '/v1/conversations';

const list = (count: number, element: (index: number) => string): string =>
  `[${Array.from({ length: count }, (_, index) => element(index)).join(',')}]`;
const fields = (count: number, value: string, name = 'k'): string =>
  Array.from({ length: count }, (_, index) => `"${name}${index}":${value}`).join(',');

const chat = (inside: string, messages = '[{"role":"user","content":"x"}]'): string =>
  `{"model":"sonnet","messages":${messages}${inside === '' ? '' : `,${inside}`}}`;
const user = (content: string): string => chat('', `[{"role":"user","content":${content}}]`);
const assistant = (inside: string): string =>
  chat('', `[{"role":"user","content":"x"},{"role":"assistant",${inside}}]`);
const call = (json: string): string =>
  assistant(`"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"${json}"}}]`);
const tool = (parameters: string): string =>
  chat(`"tools":[{"type":"function","function":{"name":"f","parameters":${parameters}}}]`);
const format = (schema: string): string =>
  chat(`"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":${schema}}}`);
const image = (url: string): string => user(`[{"type":"image_url","image_url":{"url":"${url}"}}]`);

const TEXT = '{"type":"text","text":"x"}';
const MANY = 200_000;
/** As many fields as the bounds let through. */
const MOST = 99_000;
const MEGABYTES = 1_000_000;

const on = (path: string, bodies: Readonly<Record<string, HeavyBody['make']>>): [string, HeavyBody][] =>
  Object.entries(bodies).map(([name, make]) => [`${name} at ${path}`, { path, make }]);

/** By what is heavy in each. */
export const HEAVY_BODIES: ReadonlyMap<string, HeavyBody> = new Map([
  ...on(CHAT, {
    'more unknown fields than may be': () => chat(fields(MANY, '1')),
    'most unknown fields': () => chat(fields(MOST, '1')),
    'most unknown fields of a message': () => chat('', `[{"role":"user","content":"x",${fields(MOST, '1')}}]`),
    'one unknown field of 10 MB': () => chat(`"${'%'.repeat(10 * MEGABYTES)}":1`),
    'more parts than may be': () => user(list(MANY, () => TEXT)),
    'most parts': () => user(list(24_000, () => TEXT)),
    'most wrong parts': () => user(list(48_000, () => '{}')),
    'most parts that are numbers': () => user(list(MOST, () => '1')),
    'most wrong calls': () => assistant(`"tool_calls":${list(12_000, () => '{"id":1,"type":"function","function":{}}')}`),
    'arguments of many values': () => call(`{\\"a\\":${list(2 * MEGABYTES, () => '{}')}}`),
    'arguments without end': () => call('['.repeat(10 * MEGABYTES)),
    'most metadata': () => chat(`"metadata":{${fields(MOST, '"v"')}}`),
    'most wrong metadata': () => chat(`"metadata":{${fields(MOST, '1')}}`),
    'most properties of a tool': () => tool(`{"type":"object","properties":{${fields(20_000, '{"type":"string"}')}}}`),
    'most keywords of a tool': () => tool(`{"type":"object",${fields(24_000, '1')}}`),
    'more properties of a tool than may be': () => tool(`{"type":"object","properties":{${fields(45_000, '{"type":"string"}')}}}`),
    'most references of a format': () => format(`{"type":"object","properties":{${fields(45_000, '{"$ref":"#"}')}}}`),
    'a description of a format of 10 MB': () => format(`{"type":"object","description":"${'d'.repeat(10 * MEGABYTES)}"}`),
    'a number of 10 MB': () => chat(`"temperature":${'1'.repeat(10 * MEGABYTES)}`),
    'a text of 10 MB of quotes': () => user(`"${'\\"'.repeat(5 * MEGABYTES)}"`),
    'a text of 10 MB': () => user(`"${'x'.repeat(10 * MEGABYTES)}"`),
    'a URL of 10 MB': () => image(`http://${'a.'.repeat(5 * MEGABYTES)}`),
    'base64 with 10 MB of spaces': () => user(`[{"type":"file","file":{"file_data":"data:application/pdf;base64,${'JVBE '.repeat(2 * MEGABYTES)}"}}]`),
    'an image of 10 MB': () => image(`data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ${'A'.repeat(10 * MEGABYTES)}`),
  }),
  ...on(CONVERSATIONS, {
    'most unknown fields': () => `{${fields(MOST, '1')}}`,
    'most metadata': () => `{"metadata":{${fields(MOST, '"v"')}}}`,
    'most unknown fields of an item': () => `{"items":[{"role":"user","content":"x",${fields(MOST, '1')}}]}`,
    'most parts': () => `{"items":[{"role":"user","content":${list(24_000, () => '{"type":"input_text","text":"x"}')}}]}`,
    'most wrong parts': () => `{"items":[{"role":"user","content":${list(48_000, () => '{}')}}]}`,
    'arguments of many values': () => `{"items":[{"type":"function_call","call_id":"a","name":"f","arguments":"{\\"a\\":${list(2 * MEGABYTES, () => '1')}}"}]}`,
    'a text of 10 MB': () => `{"items":[{"role":"user","content":"${'x'.repeat(10 * MEGABYTES)}"}]}`,
  }),
  ...on(`${CONVERSATIONS}/conv_x/items`, {
    'more items than may be': () => `{"items":${list(90_000, () => '1')}}`,
    'most parts of a result': () => `{"items":[{"type":"function_call_output","call_id":"a","output":${list(24_000, () => '{"type":"input_text","text":"x"}')}}]}`,
  }),
  ...on(`${CONVERSATIONS}/conv_x`, { 'most metadata': () => `{"metadata":{${fields(MOST, '1')}}}` }),
]); // prettier-ignore
