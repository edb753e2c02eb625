import { type Shell, shortNameOf } from '../kube/shell.ts';
import { isDenied, type RecordType, resolve, type Resolution } from '../probe/resolve.ts';
import { settle } from '../probe/settle.ts';

/** Waits until a name resolves, from a client, to an address and to no other. Throws NotSettled, and what resolve throws. */
export async function expectAddress(client: Shell | Promise<Shell>, name: string, address: string): Promise<Resolution> {
  const shell = await client;
  return settle(() => resolve(shell, name, address.includes(':') ? 'AAAA' : 'A'), {
    waitingFor: `${name} from ${shortNameOf(shell)} to be ${address}`,
    accept: ({ addresses }) => addresses.join() === address,
  });
}

/**
 * Returns the function that waits until a name has no address in records of a type, and the cluster's own name server says so for every form of it in the cluster's domain.
 * With a search list, resolvers ask for the name outside the cluster too. There an address counts, and silence does not, because those name servers may be out of reach.
 * The function throws NotSettled, and what resolve throws.
 */
export function expectNoAddressIn(domain: string, type: RecordType): (client: Shell | Promise<Shell>, name: string) => Promise<Resolution> {
  return async (client, name) => {
    const shell = await client;
    return settle(() => resolve(shell, name, type), {
      waitingFor: `the name server of the cluster to have no ${name} for ${shortNameOf(shell)}, and no other server to give an address`,
      accept: ({ addresses, queries }) => {
        const asked = queries.filter((query) => query.name.endsWith(`.${domain}.`));
        return addresses.length === 0 && asked.length > 0 && asked.every(isDenied);
      },
    });
  };
}
