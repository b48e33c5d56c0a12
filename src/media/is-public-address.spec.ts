// Guarantee: only addresses of the public internet pass, in whatever form an address is written.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { isPublicAddress } from './is-public-address.ts';

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '169.253.0.1',
  '100.63.255.255',
  '100.128.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:82a::200e',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
];
for (const address of PUBLIC) test(`${address} is public`, () => assert.ok(isPublicAddress(address)));

const OTHERS = [
  '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.254',
  '169.254.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.192', '192.0.2.1', '192.88.99.1',
  '192.168.0.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1',
  '255.255.255.255', '168.63.129.16',
  '::', '::1', '::127.0.0.1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:169.254.169.254',
  '::ffff:0:127.0.0.1', '0:0:0:0:0:ffff:7f00:0001', '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::808:808',
  '100::1', '2001::1', '2001:0:7f00:1::', '2001:db8::1', '2001:10::1', '2002:7f00:1::', '2002:a9fe:a9fe::', '3fff::1',
  '5f00::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '4000::1', '2606:4700::1%eth0',
  '', 'localhost', 'example.com', '1.2.3.4.5', '127.1.', 'fe80::g',
]; // prettier-ignore
for (const address of OTHERS) test(`${address || '(nothing)'} is not`, () => assert.ok(!isPublicAddress(address)));
