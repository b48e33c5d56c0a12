import { toToolCall } from '../claude-cli/turn/call-input.ts';
import type { UserBlock } from '../claude-cli/turn/turn.ts';
import { invalidRequest, unsupported } from '../common/errors/gateway-error.ts';
import type { ItemImages } from './item-images.ts';
import type { InputItem, InputPart } from './dto/item-schema.ts';
import type { NewItem } from './store/conversation-store.ts';

/** What the result of a call can hold. */
type ResultBlock = Extract<UserBlock, { type: 'text' | 'image' }>;

/**
 * An item that a client gives as it is stored. Throws a GatewayError of status 400 for what the model cannot be given.
 *
 * @param path where it stands in the body
 * @param images reads those of all items of the request
 */
export function fromInputItem(item: InputItem, path: string, images: ItemImages): NewItem {
  switch (item.type) {
    case 'message':
      return fromMessage(item, `${path}.content`, images);
    case 'function_call':
      return {
        kind: 'function_call',
        role: 'assistant',
        content: [toToolCall(item.call_id, item.name, item.arguments)],
      };
    case 'function_call_output': {
      const { output } = item;
      const content =
        typeof output === 'string'
          ? output
          : output.map((part, index) => fromPart(part, `${path}.output[${index}]`, images) as ResultBlock);
      return {
        kind: 'function_call_output',
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: item.call_id, ...(content.length > 0 && { content }) }],
      };
    }
  }
}

function fromMessage(
  { role, content }: Extract<InputItem, { type: 'message' }>,
  path: string,
  images: ItemImages,
): NewItem {
  const parts = typeof content === 'string' ? [{ type: 'input_text' as const, text: content }] : content;
  const blocks = parts.map((part, index) =>
    fromPart(part, typeof content === 'string' ? path : `${path}[${index}]`, images),
  );
  const image = blocks.findIndex(({ type }) => type === 'image');
  if (role !== 'user' && image >= 0) {
    throw invalidRequest(
      `Invalid '${path}[${image}]': only a message of the user can hold an image.`,
      `${path}[${image}]`,
    );
  }
  return { kind: 'message', role, content: blocks };
}

function fromPart(part: InputPart, path: string, images: ItemImages): UserBlock {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return textBlock(part.text, `${path}.text`);
    case 'refusal':
      return textBlock(part.refusal, `${path}.refusal`);
    case 'input_image':
      return imageBlock(part, path, images);
  }
}

function textBlock(text: string, path: string): UserBlock {
  if (text.trim() === '') throw invalidRequest(`Invalid '${path}': the text must not be empty.`, path, 'empty_string');
  return { type: 'text', text };
}

function imageBlock(
  { image_url: url, file_id: fileId }: Extract<InputPart, { type: 'input_image' }>,
  path: string,
  images: ItemImages,
): UserBlock {
  if (typeof fileId === 'string') throw unsupported('Files are not supported.', `${path}.file_id`);
  const param = `${path}.image_url`;
  if (typeof url === 'string' && url.startsWith('data:')) return images.read(url, param);
  throw invalidRequest(
    `Invalid '${param}': expected a data URL of a PNG, JPEG, GIF or WebP image in base64.`,
    param,
    'invalid_value',
  );
}
