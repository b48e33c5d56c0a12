// Guarantee: a URL that leads to a private address by itself, or that carries or asks for more than a fetch, is refused before
// anything is looked up.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { checkUrl } from './check-url.ts';
import type { MediaError } from './media-error.ts';

const rules = { ports: [80, 443], trustedOrigins: ['http://images.internal:8080'] };
const code = (text: string, from?: string): string => {
  try {
    checkUrl(text, rules, from === undefined ? undefined : new URL(from));
    return 'allowed';
  } catch (error) {
    return (error as MediaError).code;
  }
};

const TABLE: [url: string, verdict: string, from?: string][] = [
  ['http://example.com/a.png?b#c', 'allowed'],
  ['HTTPS://EXAMPLE.COM', 'allowed'],
  ['https://example.com:443/', 'allowed'],
  ['http://example.com:443/', 'allowed'],
  ['http://8.8.8.8/', 'allowed'],
  ['http://[2606:4700::1111]/', 'allowed'],
  ['http://images.internal:8080/a.png', 'allowed'],
  ['http://images.internal/a.png', 'allowed'],
  ['http://images.internal:8081/a.png', 'url_not_allowed'],
  ['http://user@images.internal:8080/a.png', 'url_not_allowed'],
  ['http://user:pass@example.com/', 'url_not_allowed'],
  ['http://example.com:22/', 'url_not_allowed'],
  ['http://example.com:8080/', 'url_not_allowed'],
  ...[
    '127.0.0.1', '127.1', '127.0.1', '0x7f.0.0.1', '0177.0.0.1', '2130706433', '0x7f000001', '017700000001', '127.0.0.1.',
    '%31%32%37.0.0.1', '１２７.0.0.1', '0', '0.0.0.0', '10.0.0.1', '169.254.169.254', '0xa9fea9fe', '2852039166', '192.168.1.1',
    '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[fe80::1]', '[fd00:ec2::254]', '[::127.0.0.1]',
  ].map((host): [string, string] => [`http://${host}/`, 'url_not_allowed']),
  ['ftp://example.com/', 'invalid_url'],
  ['gopher://example.com/', 'invalid_url'],
  ['javascript:alert(1)', 'invalid_url'],
  ['//example.com/a.png', 'invalid_url'],
  ['example.com/a.png', 'invalid_url'],
  ['http://', 'invalid_url'],
  ['http://256.256.256.256/', 'invalid_url'],
  ['http://[fe80::1%25eth0]/', 'invalid_url'],
  ['/b.png', 'allowed', 'https://example.com/a.png'],
  ['http://example.com/b.png', 'url_not_allowed', 'https://example.com/a.png'],
  ['https://example.com/b.png', 'allowed', 'http://example.com/a.png'],
  ['http://127.0.0.1/', 'url_not_allowed', 'http://example.com/a.png'],
  ['http://127.0.0.1/', 'url_not_allowed', 'http://images.internal:8080/a.png'],
  ['http://images.internal:8080/b.png', 'allowed', 'https://example.com/a.png'],
  ['file:///etc/passwd', 'invalid_url', 'http://example.com/a.png'],
  ['//10.0.0.1/', 'url_not_allowed', 'http://example.com/a.png'],
]; // prettier-ignore
for (const [url, verdict, from] of TABLE) {
  test(`${from === undefined ? '' : `${from} to `}${url}: ${verdict}`, () => assert.equal(code(url, from), verdict));
}

test('a URL without end is refused before it is looked at', () => {
  assert.equal(code(`http://example.com/${'a'.repeat(16_000)}`), 'allowed');
  assert.equal(code(`http://example.com/${'a'.repeat(17_000)}`), 'invalid_url');
  assert.equal(code(`http://${'a.'.repeat(1_000_000)}`), 'invalid_url');
});
