import { expect, test } from 'vitest'
import { addressRules } from './address-rules.ts'

const nothingAllowed = addressRules([])

test('the last address outside a network that is not public is public, the first and last inside are not', () => {
  const edges: [before: string, first: string, last: string, after: string][] = [
    ['9.255.255.255', '10.0.0.0', '10.255.255.255', '11.0.0.0'],
    ['100.63.255.255', '100.64.0.0', '100.127.255.255', '100.128.0.0'],
    ['126.255.255.255', '127.0.0.0', '127.255.255.255', '128.0.0.0'],
    ['169.253.255.255', '169.254.0.0', '169.254.255.255', '169.255.0.0'],
    ['172.15.255.255', '172.16.0.0', '172.31.255.255', '172.32.0.0'],
    ['192.167.255.255', '192.168.0.0', '192.168.255.255', '192.169.0.0'],
    ['198.17.255.255', '198.18.0.0', '198.19.255.255', '198.20.0.0'],
    ['223.255.255.255', '224.0.0.0', '255.255.255.255', '1.0.0.0'],
    ['2001:200::', '2001::', '2001:1ff:ffff::', '2001:db7:ffff::'],
    ['2001:db7:ffff::', '2001:db8::', '2001:db8:ffff::', '2001:db9::'],
    ['2001:ffff::', '2002::', '2002:ffff::', '2003::'],
    ['3ffe:ffff::', '4000::', 'ffff::', '2400::'],
  ]
  for (const [before, first, last, after] of edges) {
    expect(
      [before, first, last, after].map((each) => nothingAllowed.reaches(each)),
      first,
    ).toEqual([true, false, false, true])
  }
})

test('an operator allows what is named and no more, an address or a network', () => {
  const { reaches, allowed } = addressRules(['10.1.0.0/16', '192.168.1.7', 'fd12::/64', '::1', '127.0.0.1'])
  for (const address of ['10.1.0.1', '10.1.255.255', '192.168.1.7', 'fd12::9', '::1', '127.0.0.1']) {
    expect([reaches(address), allowed(address)], address).toEqual([true, true])
  }
  for (const address of ['10.2.0.1', '192.168.1.8', 'fd12:0:0:1::', '::2', '127.0.0.2']) {
    expect([reaches(address), allowed(address)], address).toEqual([false, false])
  }
  expect([reaches('93.184.215.14'), allowed('93.184.215.14')]).toEqual([true, false])
})

test('who allows everything does not allow what is never sent to, in whatever form', () => {
  const { reaches, allowed } = addressRules(['0.0.0.0/0', '::/0'])
  const never = [
    ...['0.0.0.0', '169.254.169.254', '100.100.100.200', '168.63.129.16', '192.0.0.192', '224.0.0.1'],
    ...['255.255.255.255', '::', 'fe80::1', 'ff02::1', 'fd00:ec2::254', 'fd20:ce::254'],
    ...['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::169.254.169.254', '64:ff9b::a9fe:a9fe'],
    ...['2002:a9fe:a9fe::1', '::ffff:0:a9fe:a9fe', 'fe80::1%eth0', '10.0.0.1%eth0', 'quarry', ''],
  ]
  for (const address of never) expect([reaches(address), allowed(address)], address).toEqual([false, false])
  for (const address of ['10.0.0.1', '127.0.0.1', '::1', '::ffff:10.0.0.1', '64:ff9b::a00:1']) {
    expect(allowed(address), address).toBe(true)
  }
})
