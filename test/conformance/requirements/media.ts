import { proof, type Proof, type Requirement, type Section, type Verdict } from './requirement.ts';

const MEDIA = 'test/e2e/media.spec.ts';
const IMAGE = 'schema ChatCompletionRequestMessageContentPartImage.image_url';
const FILE = 'schema ChatCompletionRequestMessageContentPartFile.file';

function row(id: string, name: string, how: string, source: string, proofs: Proof[], verdict: Verdict = 'supported'): Requirement {
  return { id: `media.${id}`, name, verdict, how, source, proofs };
} // prettier-ignore

export const MEDIA_SECTION: Section = {
  title: 'Images and files',
  introduction: 'Parts of user messages, in each message of the history; `param` is the place of one that is refused.',
  requirements: [
    row('image', '`image_url.url` as data URL, http(s) URL, absolute path or file URL', 'an `image` block with its content. URLs are fetched here, from public addresses only, once; paths are read inside `file_access.additional_dirs` only', IMAGE, [proof(MEDIA, 'an image arrives as a block in each of its forms: data URL, http URL, path and file URL')]),
    row('urls-off', 'URLs and paths where the operator allows none', '`url_not_allowed` with `media.allow_urls = false`, `local_file_not_allowed` without `file_access.additional_dirs`', IMAGE, [proof('src/chat/resolve-media.spec.ts', 'a URL while none are fetched is refused and its place is named', 'a local path while no directory is allowed is refused and its place is named')], 'refused'),
    row('types', 'PNG, JPEG, GIF, WebP', 'known by their first bytes, whatever is declared', IMAGE, [proof(MEDIA, 'JPEG, GIF and WebP arrive under their real type, whatever is declared')]),
    row('large', 'images above 512,000 bytes or 2000 pixels', 'the CLI makes them smaller; others arrive byte for byte', 'own what the pinned CLI does', [proof('test/contract/media.spec.ts', 'an image of up to 512,000 bytes and 2000 pixels passes byte for byte', 'a larger one is made smaller, the same way as the last message and in a history')]),
    row('detail', '`image_url.detail` other than `auto`', 'as `messages.content.image_url.detail`; the model decides', IMAGE, [proof(MEDIA, 'the detail of an image and a file by id are told to have no effect, or refused')], 'ignored and named'),
    row('pdf', 'PDF in `file.file_data` (data URL or base64) or `image_url.url`, `file.filename`', 'a `document` block with that title', FILE, [proof('src/chat/resolve-media.spec.ts', 'a title is cut to what the API takes, and left out where it is blank'), proof(MEDIA, 'a PDF arrives as a document with its name, from a data URL, from base64 alone, and as an image_url')]),
    row('text-file', 'UTF-8 text in `file.file_data`', 'a text document; what it mentions is not read', FILE, [proof(MEDIA, 'a text file arrives as a document, and what it mentions is not read')]),
    row('file-id', '`file.file_id`', '`unsupported_parameter`: there is no files API', FILE, [proof(MEDIA, 'the detail of an image and a file by id are told to have no effect, or refused')], 'refused'),
    row('history', 'images and files in the history', 'where they were, replayed, live, and in conversations by id; a URL is fetched once', IMAGE, [proof(MEDIA, 'in a history images and files stand where they were, replayed and on the process that holds them', 'a conversation that goes on by its id keeps its image, whether the client tells it again or not', 'an image of 10 MB in a conversation of 20 turns: one process holds it, and memory does not grow with the turns')]),
    row('unsafe', 'private, loopback and metadata addresses, redirects to them, other paths, links out of the directories, other content than declared kinds', '`url_not_allowed`, `local_file_not_allowed`, `unsupported_media_type`, `invalid_url`, `invalid_base64`; nothing is fetched or read further than needed', 'own no internal URL and no local file is reachable through a request', [proof(MEDIA, 'what must not be read or fetched is refused, and neither the model nor a server hears of it'), proof('src/media/url-fetcher.spec.ts', 'a name that resolves to a private address is refused before anything connects, like one that does not resolve', 'a redirect to a private address, or to a name that resolves there, is refused and not followed'), proof('src/media/local-file-reader.spec.ts', 'everything else is refused in the same words')], 'refused'),
    row('bounds', 'too large, too many, not to be had', '`media_too_large`, `too_many_images`, `too_many_files`, `url_not_fetched`; see `[media]` in config/default.toml', 'own bounds of this service', [proof('src/media/url-fetcher.spec.ts', 'of a body of 1 GB no more is fetched than the limit'), proof('src/chat/resolve-media.spec.ts', 'an image above the limit is refused and its place is named', 'one image too many is refused and its place is named', 'one file too many is refused and its place is named'), proof('src/chat/prepare-media.spec.ts', 'an image that cannot be fetched is refused as JSON, also where a stream was asked for')], 'refused'),
    row('audio', '`input_audio` parts, `audio` of an assistant message', '`unsupported_parameter`', 'schema ChatCompletionRequestMessageContentPartAudio.input_audio', [proof('src/chat/map-messages.spec.ts', 'audio is refused and its place is named', 'an audio answer is refused and its place is named')], 'refused'),
  ],
}; // prettier-ignore
