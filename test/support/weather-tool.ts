import { modelToolName, toolServerName } from '../../src/claude-cli/session/client-tools.ts';
import type { ToolDefinition } from '../../src/claude-cli/turn/turn.ts';

export const weather: ToolDefinition = {
  name: 'get_weather',
  description: 'The weather of a city',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' }, unit: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/unit' }] } },
    required: ['city'],
    $defs: { unit: { enum: ['°C', '°F'] } },
  },
};

/** The same as OpenAI's clients give it. */
export const weatherTool = {
  type: 'function',
  function: { name: weather.name, description: weather.description, parameters: weather.inputSchema },
};

/** The name under which the model sees `weather` when it is the only tool. */
export const WEATHER_NAME = modelToolName(toolServerName([weather]), weather.name);
