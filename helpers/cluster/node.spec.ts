import { expect, test } from '@jest/globals';
import { serverArguments } from './node.ts';

const usual = { k3sArgs: [], cgroupVersion: '2', engineHost: 'localhost' };
const everyNode = '--disable=traefik,metrics-server,local-storage';

test.each([
  ['an engine on this machine', {}, [everyNode]],
  ['an engine elsewhere, whose name the certificate must have', { engineHost: '192.0.2.7' }, [everyNode, '--tls-san=192.0.2.7']],
  ['cgroup v1, which the kubelet refuses by default', { cgroupVersion: '1' }, [everyNode, '--kubelet-arg=fail-cgroupv1=false']],
  ['arguments of the settings, which come last', { k3sArgs: ['--disable=servicelb'] }, [everyNode, '--disable=servicelb']],
])('the arguments of a node for %s', (_, options, expected) => {
  expect(serverArguments({ ...usual, ...options })).toEqual(expected);
});
