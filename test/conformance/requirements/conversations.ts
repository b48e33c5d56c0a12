import { proof, type Proof, type Requirement, type Section, type Verdict } from './requirement.ts';

const END = 'test/e2e/conversations.spec.ts';
const END_BOUNDS = 'test/e2e/conversation-bounds.spec.ts';
const END_STORAGE = 'test/e2e/conversation-storage.spec.ts';
const CLIENT = 'test/conformance/openai-conversations.spec.ts';
const CONTROLLER = 'src/conversations/conversations.controller.spec.ts';

function row(id: string, name: string, how: string, source: string, proofs: Proof[], verdict: Verdict = 'supported'): Requirement {
  return { id: `conversation.${id}`, name, verdict, how, source, proofs };
} // prettier-ignore

export const CONVERSATIONS: Section = {
  title: 'Conversations',
  introduction: 'How they work for a client: [conversations.md](conversations.md).',
  requirements: [
    row('id', '`conversation_id` in a request, or the header `x-conversation-id`', 'the request goes on with it; two different ones are a 400, an unknown or foreign one a 404 `conversation_not_found`', 'own a chat completion goes on with an earlier one', [proof(END, 'a conversation goes on, streamed, on the process that holds it', 'messages that begin with all that is stored add only the rest; others are added whole', 'unknown ids are a 404 before the model is asked, and two different ones a 400'), proof(END_BOUNDS, 'a conversation of another key is not there, and the model is not asked'), proof(CLIENT, 'chat completions go on with a conversation, whole and streamed, and its items tell them')]),
    row('model', '`model` beside a `conversation_id`', 'may be left out: the one used last counts', 'own a conversation knows its model', [proof(END, 'a request with an id needs no model')]),
    row('id-in-answer', '`conversation_id` in an answer, in each chunk and as header', 'always', 'own a chat completion goes on with an earlier one', [proof('src/chat/chat.controller.spec.ts', 'a stream is events of chunks and [DONE], to the byte'), proof(CLIENT, 'a conversation begins with a chat completion')]),
    row('truncated', '`x-claude-code-history-truncated`', 'how many messages of a history that is too long were left out', 'own', [proof(END_BOUNDS, 'the oldest turns are left out whole, down to half, and the header says so')]),
    row('memory', '`x-claude-code-conversation-storage: memory`', 'the conversation is not on disk', 'own', [proof(END, 'store: false keeps it off the disk, and out of a stored conversation'), proof(END_STORAGE, 'a damaged file stops nothing but what needs it')]),
    row('success', 'a turn that failed, or whose client left', 'is not in the conversation', 'own', [proof(END, 'a turn that fails or is left leaves nothing', 'a first turn that fails leaves no conversation')]),
    row('store', '`store`', '`false`: nothing on disk, and nothing is added to a stored conversation; otherwise what succeeded is stored', 'schema CreateChatCompletionRequest.store', [proof(END, 'store: false keeps it off the disk, and out of a stored conversation')]),
    row('resource', '`POST /v1/conversations`, `GET`, `POST`, `DELETE /v1/conversations/{id}`', 'with `model`, `system`, `updated_at`, `message_count`, `usage`, `cost`, `expires_at`, `live` of ours', 'schema ConversationResource', [proof(CONTROLLER, 'is created, read, changed and deleted', 'is created from nothing, and tells what is ours', 'a conversation of another key is not there, whatever is asked of it'), proof(CLIENT, 'a conversation is created, retrieved, updated and deleted')]),
    row('items', '`/v1/conversations/{id}/items`', 'messages, function calls and their outputs; create (20 at once), list by `limit`, `after`, `order`, retrieve, delete', 'schema ConversationItem', [proof(CONTROLLER, 'come back as they were given, in order, page by page', 'no more than twenty come at once'), proof('src/conversations/store/sqlite-conversation-store.spec.ts', 'ends before it is too large, with at least one item, and the next goes on'), proof(CLIENT, 'items are created, listed page by page, retrieved and deleted')]),
    row('items-refused', 'items of other types, `input_file`, `input_image` by link or id', '400 with the place', 'schema InputItem', [proof(CONTROLLER, 'another kind of item is a 400 that says where', 'an image that is only a link is a 400 that says where', 'a file is a 400 that says where')], 'refused'),
    row('metadata', '`metadata` of a conversation', 'at most 16 keys of 64 characters with values of 512', 'schema Metadata', [proof(CONTROLLER, 'seventeen keys is a 400', 'ten megabytes is a 400')]),
    row('ignored', 'fields and query parameters that are not known, `include`, the `detail` of an image, annotations and log probabilities of an item, a `status` other than `completed`', 'for conversations and items as for chat completions', 'own nothing is silently ignored', [proof(CONTROLLER, 'is named for ${what}', 'is refused where the service refuses such fields, and nothing is changed')], 'ignored and named'),
    row('list', '`GET /v1/conversations`', 'the newest first, `after`, `limit`, `order`; those of the key only', 'own OpenAI has no list', [proof(CONTROLLER, 'has the newest first, in pages, and only those of the key')]),
    row('busy', 'several requests to one conversation', 'one after the other; more than its line takes, or waiting for too long, is 409 `conversation_busy`, 503 `conversation_timeout`', 'own turns of one conversation wait for each other', [proof(END_BOUNDS, 'the line of a conversation is bounded, and those who leave it make room'), proof('src/conversations/conversation-line.spec.ts', 'who waits too long is told so')]),
    row('storage', 'storage that fails', '503 `storage_unavailable` for what needs it; other chats go on, in memory', 'own a full disk does not end the service', [proof(END_STORAGE, 'a damaged file stops nothing but what needs it')]),
  ],
}; // prettier-ignore
