export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
export type BinaryType = ImageType | 'application/pdf';

/** The number of first bytes that identify a type. */
export const SNIFFED_BYTES = 16;

const SIGNATURES: readonly [type: BinaryType, offset: number, signature: string][] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF87a'],
  ['image/gif', 0, 'GIF89a'],
  ['image/webp', 8, 'WEBPVP8'],
  ['application/pdf', 0, '%PDF-'],
];

/** The type that the first bytes of a file show, regardless of its name; undefined for any other. */
export function sniffMediaType(head: Buffer): BinaryType | undefined {
  const found = SIGNATURES.find(
    ([, offset, signature]) => head.toString('latin1', offset, offset + signature.length) === signature,
  );
  if (found?.[0] === 'image/webp' && head.toString('latin1', 0, 4) !== 'RIFF') return undefined;
  return found?.[0];
}
