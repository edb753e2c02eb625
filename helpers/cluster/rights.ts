import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAllYaml, type V1ClusterRole, type V1ResourceAttributes } from '@kubernetes/client-node';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import type { Kube } from '../kube/api.ts';
import { optionalRights } from '../ledger/capabilities.ts';

/** Returns every right that manifests/rbac.yaml gives, one by one. */
export function neededRights(): V1ResourceAttributes[] {
  const documents = loadAllYaml(readFileSync(join(root, 'manifests/rbac.yaml'), 'utf8')) as { kind?: string }[];
  const role = documents.find(({ kind }) => kind === 'ClusterRole') as V1ClusterRole | undefined;
  return (role?.rules ?? []).flatMap(({ apiGroups = [], resources = [], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((path) => {
        const [resource, subresource] = path.split('/');
        return verbs.map((verb) => ({
          group,
          verb,
          ...(resource === undefined ? {} : { resource }),
          ...(subresource === undefined ? {} : { subresource }),
        }));
      }),
    ),
  );
}

/** Returns a resource as `kubectl auth can-i` takes it, such as `pods/exec` or `servicecidrs.networking.k8s.io`. */
function resourceOf({ resource, subresource, group }: V1ResourceAttributes): string {
  return `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
}

/** Returns a right in a few words, such as `create pods/exec` or `list servicecidrs.networking.k8s.io`. */
function nameOf(right: V1ResourceAttributes): string {
  return `${right.verb} ${resourceOf(right)}`;
}

// Every claim needs to read these.
const alwaysRead = ['list endpointslices.discovery.k8s.io', 'get endpoints'];

/**
 * Asks the API server for every right of manifests/rbac.yaml and returns the names of those that the account lacks and the suite can do without.
 * Throws a UsageError that lists the others that it lacks, and the error of a request that fails.
 */
export async function checkRights(kube: Kube): Promise<string[]> {
  const reviews = await Promise.all(
    neededRights().map(async (resourceAttributes) => {
      const { status } = await kube.authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
      return { right: resourceAttributes, allowed: status?.allowed === true };
    }),
  );
  const missing = reviews.filter(({ allowed }) => !allowed).map(({ right }) => right);
  const forSome: readonly string[] = Object.values(optionalRights).flat();
  const isOptional = (right: V1ResourceAttributes) => forSome.includes(resourceOf(right)) && !alwaysRead.includes(nameOf(right));
  const required = missing.filter((right) => !isOptional(right));
  if (required.length > 0) {
    throw new UsageError(
      `The account lacks rights that the suite needs on this cluster:\n  ${required.map(nameOf).join('\n  ')}\n` +
        'manifests/rbac.yaml lists the least that it needs. Have an administrator apply that file, or give the account these rights.',
    );
  }
  return missing.filter(isOptional).map(nameOf);
}
