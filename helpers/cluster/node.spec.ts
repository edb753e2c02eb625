import { expect, test } from '@jest/globals';
import { rangesOf } from './node.ts';

test.each([
  ['k3s has its defaults without arguments', [], { services: '10.43.0.0/16', pods: '10.42.0.0/16' }],
  [
    'other arguments change nothing',
    ['--disable=servicelb', '--cluster-domain=example.test'],
    { services: '10.43.0.0/16', pods: '10.42.0.0/16' },
  ],
  ['the Service range alone', ['--service-cidr=172.30.0.0/16'], { services: '172.30.0.0/16', pods: '10.42.0.0/16' }],
  ['both ranges', ['--cluster-cidr=172.31.0.0/16', '--service-cidr=172.30.0.0/16'], { services: '172.30.0.0/16', pods: '172.31.0.0/16' }],
  [
    'the last of two counts',
    ['--service-cidr=10.1.0.0/16', '--service-cidr=10.2.0.0/16'],
    { services: '10.2.0.0/16', pods: '10.42.0.0/16' },
  ],
])('ranges: %s', (_, k3sArgs, ranges) => {
  expect(rangesOf(k3sArgs)).toEqual(ranges);
});
