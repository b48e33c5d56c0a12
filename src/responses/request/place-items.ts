import { GatewayError, invalidRequest } from '../../common/errors/gateway-error.ts';
import type { ThinkingBlock } from '../../turns/thinking/without-thinking.ts';
import { toInputItem, type KnownItem, type OtherItem } from './input-item.ts';
import type { ResponseRequest } from './response-request.ts';

/** Thinking as an item of the input, which the model is given back. */
export interface ThinkingItem {
  readonly type: 'thinking';
  readonly block: ThinkingBlock;
}

/** An item that only says in words what it was. */
export interface WordsItem {
  readonly type: 'words';
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export type SaidItem = Exclude<KnownItem, { type: 'reasoning' | 'item_reference' }> | ThinkingItem | WordsItem;

/** What is said by a request, and where it stands in the body. */
export interface PlacedItem {
  readonly item: SaidItem;
  readonly path: string;
}

export interface PlacedItems {
  readonly items: readonly PlacedItem[];
  /** What has no effect, in words for a header. */
  readonly ignored: readonly string[];
}

/** What earlier responses have said, by the ids of their items. */
export interface SaidBefore {
  /** The item as it was answered; undefined where it is not stored. */
  readonly item: (id: string) => KnownItem | undefined;
  /** The thinking behind a reasoning item; undefined where it is not stored, or is of another model. */
  readonly thinking: (id: string) => ThinkingBlock | undefined;
}

export interface PlaceOptions {
  readonly before: SaidBefore;
  /** What an encrypted content holds; undefined where the model cannot be given it. Throws GatewayErrors. */
  readonly open: (sealed: string, path: string) => ThinkingBlock | undefined;
}

/** Longer texts in what is told in words are data that the model could not read. */
const MAX_TEXT = 1_000;
/** Items of Codex that say nothing to the model by themselves. */
const SILENT = new Set([
  'compaction',
  'compaction_summary',
  'compaction_trigger',
  'additional_tools',
  'context_compaction',
]);

/** The ids of stored items that a request refers to. */
export function referredIds({ input }: ResponseRequest): string[] {
  if (!Array.isArray(input)) return [];
  return input.flatMap((given) => {
    const item = toInputItem(given);
    if ('other' in item) return [];
    const { known } = item;
    if (known.type === 'item_reference') return [known.id];
    return known.type === 'reasoning' && !known.encrypted_content && known.id ? [known.id] : [];
  });
}

/** The items of a request as what is said with them. Throws a GatewayError of status 400 or 404. */
export function placeItems({ input }: ResponseRequest, options: PlaceOptions): PlacedItems {
  if (input === null || input === undefined) return { items: [], ignored: [] };
  if (typeof input === 'string') {
    return { items: [{ item: { type: 'message', role: 'user', content: input }, path: 'input' }], ignored: [] };
  }
  const ignored = new Set<string>();
  const items = input.flatMap((given, index): PlacedItem[] => {
    const path = `input[${index}]`;
    const item = toInputItem(given);
    if ('other' in item) return otherItem(item.other, path, ignored);
    return knownItem(item.known, path, options, ignored).map((said) => ({ item: said, path }));
  });
  return { items, ignored: [...ignored] };
}

function knownItem(known: KnownItem, path: string, options: PlaceOptions, ignored: Set<string>): SaidItem[] {
  switch (known.type) {
    case 'item_reference': {
      const found = options.before.item(known.id);
      if (!found) throw itemNotFound(known.id, path);
      return found.type === 'item_reference' ? [] : knownItem(found, path, options, ignored);
    }
    case 'reasoning': {
      const sealed = known.encrypted_content;
      const block = sealed ? options.open(sealed, path) : known.id ? options.before.thinking(known.id) : undefined;
      if (block) return [{ type: 'thinking', block }];
      ignored.add(sealed ? 'input.reasoning (of another model)' : 'input.reasoning (without encrypted_content)');
      return [];
    }
    default:
      return [known];
  }
}

function otherItem(other: OtherItem, path: string, ignored: Set<string>): PlacedItem[] {
  const type = other.type.slice(0, 100);
  if (SILENT.has(type)) {
    ignored.add(`input.${type}`);
    return [];
  }
  ignored.add(`input.${type} (passed on as text)`);
  const role = type.endsWith('_output') ? 'user' : 'assistant';
  return [{ item: { type: 'words', role, text: `[${type}] ${shortJson(other)}` }, path }];
}

function shortJson(value: OtherItem): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'string' && member.length > MAX_TEXT ? `${member.slice(0, MAX_TEXT)}…` : member,
  );
}

function itemNotFound(id: string, path: string): GatewayError {
  return new GatewayError(404, `Item with id '${id.slice(0, 100)}' not found.`, {
    param: path,
    code: 'item_not_found',
  });
}

/** Neither an input nor anything that it could go on with. */
export function missingInput(): GatewayError {
  return invalidRequest("Missing required parameter: 'input'.", 'input', 'missing_required_parameter');
}
