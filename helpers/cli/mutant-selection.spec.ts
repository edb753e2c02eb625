import { expect, test } from '@jest/globals';
import type { Mutant } from '../../mutants/mutant.ts';
import { mutantProfile, selectMutants } from './mutant-selection.ts';

const mutant: Mutant = { breaks: 'A.', how: 'B.', apply: ':', mend: ':', red: {}, green: [] };
const mutants = {
  both: mutant,
  twin: { ...mutant, nftables: { apply: 'true' } },
  iptables: { ...mutant, nftables: 'kube-proxy has no such rules there.' },
  second: { ...mutant, profile: 'two-nodes' as const },
};

test('without names a cluster is broken in every way that fits it', () => {
  expect(selectMutants(mutants, [], 'default')).toEqual(['both', 'twin', 'iptables']);
  expect(selectMutants(mutants, [], 'nftables')).toEqual(['both', 'twin']);
  expect(selectMutants(mutants, [], 'two-nodes')).toEqual(['second']);
});

test('mutants that are named are run in that order', () => {
  expect(selectMutants(mutants, ['twin', 'both'], 'nftables')).toEqual(['twin', 'both']);
});

test('a mutant that does not fit is refused with the reason, and one that does not exist with the names', () => {
  expect(() => selectMutants(mutants, ['both', 'iptables'], 'nftables')).toThrow('\niptables: kube-proxy has no such rules there.');
  expect(() => selectMutants(mutants, ['second'], 'default')).toThrow('second: It needs a cluster of CONFORMANCE_PROFILE=two-nodes.');
  expect(() => selectMutants(mutants, ['second'], 'nftables')).toThrow('CONFORMANCE_PROFILE=two-nodes.');
  expect(() => selectMutants(mutants, ['twin'], 'two-nodes')).toThrow('twin: It needs a cluster of CONFORMANCE_PROFILE=default.');
  expect(() => selectMutants(mutants, ['third'], 'default')).toThrow('There is no mutant third. There are both, twin, iptables, second.');
});

test('mutants are for some profiles only', () => {
  expect(mutantProfile('nftables')).toBe('nftables');
  expect(() => mutantProfile('previous-minor')).toThrow('unset CONFORMANCE_PROFILE, or set it to one of nftables, two-nodes');
});
