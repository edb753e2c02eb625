import { expect, test } from '@jest/globals';
import { neededRights } from './adopted.ts';

test('the rights that are asked for are those of the RBAC manifest, subresources apart', () => {
  const rights = neededRights();
  expect(rights).toContainEqual({ group: '', verb: 'create', resource: 'pods', subresource: 'exec' });
  expect(rights).toContainEqual({ group: 'discovery.k8s.io', verb: 'list', resource: 'endpointslices' });
  expect(rights.some(({ resource }) => resource === 'secrets')).toBe(false);
});
