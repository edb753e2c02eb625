import { expect } from '@jest/globals';
import type { V1Service } from '@kubernetes/client-node';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { CreatedService, Namespace } from '../../helpers/testbed/namespace.ts';
import type { Backend } from '../../helpers/testbed/run-context.ts';
import {
  addressAt,
  backends,
  claim,
  client,
  cluster,
  expectEnding,
  furtherServiceRange,
  kube,
  numberIn,
  recordObservation,
  refusal,
  responseTo,
  settle,
  sizeOf,
  startLoad,
  webService,
} from '../../helpers/testbed/testbed.ts';

// Claims about the addresses themselves. All Services here are of IPv4, so that the numbers are the same on every cluster.

/** The range that the cluster was created with. The capabilities "Service range" and "IPv4" see to it that there is one. */
const mainRange = cluster.serviceRanges.find((range) => !range.includes(':')) ?? '10.43.0.0/16';

/** Returns a Service of IPv4 without a selector. */
function plain(name: string, spec: NonNullable<Service['spec']> = {}): Service {
  return webService({ selector: {}, ipFamilies: ['IPv4'], ...spec }, { name });
}

/** Returns the ClusterIP that the API server gave to a Service, or why it rejected the request. */
async function answerTo(request: Promise<V1Service>): Promise<{ granted: string } | { code: number; message: string }> {
  try {
    return { granted: (await request).spec?.clusterIP ?? '' };
  } catch (error) {
    return refusal(error);
  }
}

/** Creates a Service, and returns its ClusterIP or why the API server rejected it. */
const attempt = (ns: Namespace, service: Service) => answerTo(ns.serviceObject(service));

/** Expects that the API server rejects a request with 422 and these words. */
async function expectInvalid(request: Promise<unknown>, words: string): Promise<void> {
  const { code, message } = await responseTo('the request', request);
  expect(code).toBe(422);
  expect(message).toContain(words);
}

/** Returns an address of the main range that no Service has: one of those that Services get only by value, or where all are in use none. */
async function freeAddress(): Promise<string> {
  const { items } = await kube.networking.listIPAddress();
  const taken = new Set(items.map(({ metadata }) => metadata?.name));
  const size = Math.min(sizeOf(mainRange), 256);
  // Begins anywhere, because other claims look for one at the same time.
  const first = 2 + Math.floor(Math.random() * (size - 4));
  const candidates = Array.from({ length: size - 4 }, (_, index) => addressAt(mainRange, 2 + ((first - 2 + index) % (size - 4))));
  return candidates.find((address) => !taken.has(address)) ?? '';
}

/** Chooses such an address and lets something take it, again where another claim was faster, and returns it. Throws why it could not be taken. */
async function takeFreeAddress(take: (address: string) => Promise<unknown>): Promise<string> {
  for (let left = 4; ; left--) {
    const address = await freeAddress();
    try {
      await take(address);
      return address;
    } catch (error) {
      const { code, message } = refusal(error);
      // An IPAddress object of that name exists, or a Service is given its address by value.
      const taken = code === 409 || message.includes('already allocated');
      if (!taken || left === 0) throw error;
    }
  }
}

const deleteService = (ns: Namespace, name: string) => kube.core.deleteNamespacedService({ namespace: ns.name, name });

/** Returns an object of the cluster, or undefined where there is none of that name. */
async function ifThere<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (refusal(error).code !== 404) throw error;
    return undefined;
  }
}

// By the run's label, what an interrupted claim leaves is deleted at the end of the run.
const ownLabels = { 'app.kubernetes.io/managed-by': 'clusterip-conformance', 'clusterip-conformance-run': cluster.run };

async function createRange(name: string, cidr: string): Promise<void> {
  await kube.networking.createServiceCIDR({ body: { metadata: { name, labels: ownLabels }, spec: { cidrs: [cidr] } } });
}

/** Creates an IPAddress object for something that is no Service. */
async function reserve(ns: Namespace, address: string): Promise<void> {
  const parentRef = { group: '', resource: 'namespaces', name: ns.name };
  await kube.networking.createIPAddress({ body: { metadata: { name: address, labels: ownLabels }, spec: { parentRef } } });
}

/** Deletes the Services of the claim, and ranges and addresses that it has created: a range waits for its Services. */
async function removeAll(ns: Namespace, { ranges = [], reserved = [] }: { ranges?: readonly string[]; reserved?: readonly string[] }) {
  await ifThere(kube.core.deleteCollectionNamespacedService({ namespace: ns.name }));
  await Promise.all([
    ...ranges.map((name) => ifThere(kube.networking.deleteServiceCIDR({ name }))),
    ...reserved.map((name) => ifThere(kube.networking.deleteIPAddress({ name }))),
  ]);
}

claim('by-value', ({ ns, setup, check }) => {
  let address: string;

  setup(async () => {
    address = await freeAddress();
  });

  check('granted', 'a Service gets a free address of the range that it asks for', async () => {
    const { spec } = await ns.serviceObject(plain('granted', { clusterIP: address }));
    recordObservation('the ClusterIP', spec?.clusterIP);
    expect(spec?.clusterIP).toBe(address);
  });

  check('taken', 'a Service that asks for an address that another one has is rejected', async () => {
    await expectInvalid(ns.serviceObject(plain('taken', { clusterIP: address })), 'provided IP is already allocated');
  });

  check('not-in-the-range', 'an address outside of the range is rejected', async () => {
    // Of the range for documentation (RFC 5737).
    await expectInvalid(ns.serviceObject(plain('outside', { clusterIP: '198.51.100.7' })), 'does not match the current range');
  });

  check('network-and-broadcast', 'the first and the last address of the range are rejected too', async () => {
    for (const number of [0, sizeOf(mainRange) - 1])
      await expectInvalid(ns.serviceObject(plain('edge', { clusterIP: addressAt(mainRange, number) })), 'does not match the current range');
  });

  check('kept-without-a-value', 'an update without the value keeps the address', async () => {
    const { spec } = await ns.patch('granted', { spec: { clusterIP: null, clusterIPs: null } });
    expect(spec?.clusterIP).toBe(address);
  });

  check('granted-again', 'as soon as the Service is deleted, another one gets it', async () => {
    await deleteService(ns, 'granted');
    const { spec } = await ns.serviceObject(plain('again', { clusterIP: address }));
    expect(spec?.clusterIP).toBe(address);
  });
});

claim('dry-run-knows-nothing', ({ ns, setup, check }) => {
  let taken: string;
  /** Tries to create a Service, without creating it, and returns the ClusterIP that it would get. */
  const dryRun = async (service: Service): Promise<string> => {
    // The API server looks at one range, chosen at random, and another claim may have one that does not have the address or that is being deleted.
    const result = await settle(
      () => answerTo(kube.core.createNamespacedService({ namespace: ns.name, body: service as unknown as V1Service, dryRun: 'All' })),
      { waitingFor: 'a dry run to be accepted', accept: (seen) => 'granted' in seen, inARow: 1 },
    );
    return 'granted' in result ? result.granted : '';
  };
  const networkAddresses = async () => {
    const { items } = await kube.networking.listServiceCIDR();
    return items.flatMap(({ spec }) => spec?.cidrs ?? []).map((range) => addressAt(range, 0));
  };

  setup(async () => {
    taken = (await ns.serviceObject(plain('real'))).spec?.clusterIP ?? '';
  });

  check('shows-the-network-address', 'a dry run shows the first address of a range', async () => {
    // Another claim may create a range, or have it deleted, at the same time.
    const before = await networkAddresses();
    const shown = await dryRun(plain('dry'));
    const first = [...new Set([...before, ...(await networkAddresses())])];
    recordObservation('the address that the dry run shows, and the first of each range', { shown, first });
    expect({ shown, isFirst: first.includes(shown) }).toEqual({ shown, isFirst: true });
  });

  check(
    'never-granted',
    'a Service that asks for the first address of a range is rejected, and one without a value gets another',
    async () => {
      await expectInvalid(ns.serviceObject(plain('first', { clusterIP: addressAt(mainRange, 0) })), 'does not match the current range');
      expect(await networkAddresses()).not.toContain(taken);
    },
  );

  check('accepts-what-is-taken', 'a dry run accepts an address that another Service has, and the real request is rejected', async () => {
    expect(await dryRun(plain('second', { clusterIP: taken }))).toBe(taken);
    await expectInvalid(ns.serviceObject(plain('second', { clusterIP: taken })), 'provided IP is already allocated');
  });

  check('stores-nothing', 'a dry run takes no address', async () => {
    const { items } = await kube.networking.listIPAddress();
    const holders = items.filter(({ spec }) => spec.parentRef.namespace === ns.name).map(({ spec }) => spec.parentRef.name);
    recordObservation('Services of the namespace that hold an address', holders);
    expect(holders).toEqual(['real']);
  });
});

claim('address-objects', ({ ns, setup, teardown, check }) => {
  let web: CreatedService;
  const reserved: string[] = [];
  const objectOf = (address: string) => ifThere(kube.networking.readIPAddress({ name: address }));

  setup(async () => {
    web = await ns.service(plain('web'));
  });
  teardown(() => removeAll(ns, { reserved }));

  check('one-for-each-service', 'the ClusterIP is the name of an IPAddress object, which names the Service', async () => {
    const object = await objectOf(web.address);
    recordObservation('the object', object);
    expect(object?.spec.parentRef).toMatchObject({ resource: 'services', namespace: ns.name, name: 'web' });
  });

  check('gone-with-the-service', 'the IPAddress object of a Service is gone when the Service is', async () => {
    const { address } = await ns.service(plain('short'));
    expect(await objectOf(address)).toBeDefined();
    await deleteService(ns, 'short');
    const left = (await objectOf(address))?.spec.parentRef;
    recordObservation('what has the address now', left);
    // A Service of another claim may have got it since.
    expect(left?.namespace === ns.name ? left.name : 'no Service of the namespace').toBe('no Service of the namespace');
  });

  check(
    'comes-back',
    'an IPAddress object that is deleted by hand is created again when its Service changes, and an event reports it',
    async () => {
      const before = (await objectOf(web.address))?.metadata?.uid;
      await kube.networking.deleteIPAddress({ name: web.address });
      await ns.patch('web', { metadata: { labels: { changed: 'yes' } } });
      await settle(() => objectOf(web.address), {
        waitingFor: 'another IPAddress object for the Service',
        accept: (object) => object?.metadata?.uid !== undefined && object.metadata.uid !== before && object.spec.parentRef.name === 'web',
        inARow: 1,
      });
      await settle(async () => (await kube.core.listNamespacedEvent({ namespace: ns.name })).items.map(({ reason }) => reason), {
        waitingFor: 'an event with the reason ClusterIPNotAllocated',
        accept: (reasons) => reasons.includes('ClusterIPNotAllocated'),
        inARow: 1,
      });
    },
  );

  check(
    'made-by-hand',
    'an IPAddress object that is made by hand keeps its address from a Service that asks for it, until it is deleted',
    async () => {
      const byHand = await takeFreeAddress((address) => reserve(ns, address));
      reserved.push(byHand);
      await expectInvalid(ns.serviceObject(plain('asks', { clusterIP: byHand })), 'provided IP is already allocated');
      await kube.networking.deleteIPAddress({ name: byHand });
      expect(await attempt(ns, plain('asks', { clusterIP: byHand }))).toEqual({ granted: byHand });
    },
  );
});

claim('kept-across-types', ({ ns, setup, check }) => {
  let web: CreatedService;
  let a: Backend;
  let nodePort: number;

  setup(async () => {
    [a] = await backends();
    web = await ns.service(plain('web'));
    await ns.slice({ service: 'web', endpoints: [{ addresses: [a.addresses.find((address) => !address.includes(':')) ?? a.address] }] });
    await Promise.all([ns.service(plain('other')), ns.serviceObject(plain('headless', { clusterIP: 'None', selector: { app: 'web' } }))]);
    await expectEnding(client(), web.url(8080), 'answered', { by: a.name });
  });

  check('same-address', 'from ClusterIP to NodePort, LoadBalancer and back it keeps its address, and loses no connection', async () => {
    const load = await startLoad(await client(), web.url(8080));
    const kept: (string | undefined)[] = [];
    // A class that no load balancer takes.
    const types = [
      { type: 'NodePort' },
      { type: 'LoadBalancer', loadBalancerClass: 'example.invalid/none' },
      { type: 'ClusterIP', loadBalancerClass: null },
    ];
    for (const change of types) {
      const { spec } = await ns.patch('web', { spec: change });
      kept.push(`${spec?.type} ${spec?.clusterIP}`);
      nodePort = spec?.ports?.[0]?.nodePort ?? nodePort;
      await expectEnding(client(), web.url(8080), 'answered', { by: a.name });
      // While the Service has it, no other gets the port.
      if (spec?.type === 'NodePort')
        await expectInvalid(
          ns.serviceObject(plain('port', { type: 'NodePort', ports: [{ port: 80, nodePort }] })),
          'provided port is already allocated',
        );
    }
    const result = await load.stop();
    recordObservation('the types and addresses, and the requests meanwhile', { kept, result });
    expect(kept).toEqual(['NodePort', 'LoadBalancer', 'ClusterIP'].map((type) => `${type} ${web.address}`));
    expect(result.lost).toEqual([]);
    expect(result.sent).toBeGreaterThan(10);
  });

  check('node-port-freed', 'once the Service has no node port, another one gets that port', async () => {
    const { spec } = await ns.serviceObject(plain('port', { type: 'NodePort', ports: [{ port: 80, nodePort }] }));
    expect(spec?.ports?.[0]?.nodePort).toBe(nodePort);
  });

  check('not-to-headless', 'a Service with an address cannot become headless', async () => {
    await expectInvalid(ns.patch('other', { spec: { clusterIP: 'None', clusterIPs: ['None'] } }), 'may not change once set');
  });

  check('not-from-headless', 'a headless Service cannot get an address', async () => {
    const address = await freeAddress();
    await expectInvalid(ns.patch('headless', { spec: { clusterIP: address, clusterIPs: [address] } }), 'may not change once set');
  });

  check('freed-by-external-name', 'as soon as a Service becomes an ExternalName Service, another one gets its address', async () => {
    await ns.patch('web', { spec: { type: 'ExternalName', externalName: 'example.invalid' } });
    expect(await attempt(ns, plain('taker', { clusterIP: web.address }))).toEqual({ granted: web.address });
  });
});

claim('second-range', ({ ns, setup, teardown, check }) => {
  // All ranges of this file are parts of furtherServiceRange, whose packets stay in the node.
  const range = '198.19.0.0/25';
  const chosen = addressAt(range, 77);
  let a: Backend;

  setup(async () => {
    [a] = await backends();
    await createRange(ns.name, range);
  });
  teardown(() => removeAll(ns, { ranges: [ns.name] }));

  check('by-value-from-each', 'a Service gets an address of the new range or of the old one by value', async () => {
    await settle(() => attempt(ns, plain('new', { clusterIP: chosen })), {
      waitingFor: 'an address of the new range to be granted',
      accept: (result) => 'granted' in result && result.granted === chosen,
      inARow: 1,
    });
    const old = await freeAddress();
    expect(await attempt(ns, plain('old', { clusterIP: old }))).toEqual({ granted: old });
  });

  check('new-range-answers', 'an address of the new range is answered', async () => {
    await ns.slice({ service: 'new', endpoints: [{ addresses: [a.addresses.find((address) => !address.includes(':')) ?? a.address] }] });
    await expectEnding(client(), `http://${chosen}:8080/hostname`, 'answered', { by: a.name });
  });

  // The API server tries a range first at least once in eight times. So one of them is never met less than once in a million runs: 0.875 ** 104.
  check('both-ranges-met', 'of 104 Services without a value, some get an address of the new range, and some of the old one', async () => {
    const met = { old: 0, new: 0 };
    for (let begun = 0; begun < 104; begun += 8) {
      const names = Array.from({ length: 8 }, (_, index) => `number-${begun + index}`);
      for (const { spec } of await Promise.all(names.map((name) => ns.serviceObject(plain(name))))) {
        const number = numberIn(range, spec?.clusterIP ?? '');
        met[number >= 0 && number < sizeOf(range) ? 'new' : 'old']++;
      }
    }
    recordObservation('how many addresses are of each range', met);
    expect(Object.values(met).filter((count) => count === 0)).toEqual([]);
  });

  check('range-cannot-change', 'the range of a ServiceCIDR cannot be changed', async () => {
    const current = await kube.networking.readServiceCIDR({ name: ns.name });
    const body = Object.assign(current, { spec: { cidrs: [furtherServiceRange] } });
    await expectInvalid(kube.networking.replaceServiceCIDR({ name: ns.name, body }), 'spec.cidrs');
  });
});

claim('range-protected', ({ ns, setup, teardown, check }) => {
  let a: Backend;
  const ranges: string[] = [];
  const reserved: string[] = [];
  /** The range, and its only addresses. */
  let inUse: { name: string; address: string; other: string };
  const inside = { name: `${ns.name}-inside`, address: '' };

  /**
   * Creates a range of two addresses in which the Service `web` has one, and no Service of another claim has the other: both are reserved until the range is
   * known to the API server. Returns undefined if another Service was faster nevertheless.
   */
  const rangeInUse = async (number: number) => {
    const range = `${addressAt('198.19.0.128/27', number * 4)}/30`;
    const [name, address, other] = [`${ns.name}-${number}`, addressAt(range, 1), addressAt(range, 2)];
    reserved.push(address, other);
    await Promise.all([reserve(ns, address), reserve(ns, other)]);
    ranges.push(name);
    await createRange(name, range);
    const service = plain('web', { clusterIP: address });
    await settle(() => attempt(ns, service), {
      waitingFor: 'the range to be used: its address is rejected because it is reserved',
      accept: (result) => 'message' in result && result.message.includes('already allocated'),
      inARow: 1,
    });
    await kube.networking.deleteIPAddress({ name: address });
    return 'granted' in (await attempt(ns, service)) ? { name, address, other } : undefined;
  };
  const readyOf = async (name: string) => {
    const range = await ifThere(kube.networking.readServiceCIDR({ name }));
    const ready = range?.status?.conditions?.find(({ type }) => type === 'Ready');
    return range === undefined ? 'gone' : `${ready?.status} ${ready?.reason}`;
  };

  setup(async () => {
    [a] = await backends();
    // The first address of the range inside the main one.
    inside.address = await takeFreeAddress((address) => ns.serviceObject(plain('inside', { clusterIP: address })));
  });
  teardown(() => removeAll(ns, { ranges: [...ranges, inside.name], reserved }));

  check('in-use-stays', 'a ServiceCIDR whose address is in use stays when it is deleted, with the reason Terminating', async () => {
    const first = numberIn(mainRange, inside.address);
    await createRange(inside.name, `${addressAt(mainRange, first - (first % 16))}/28`);
    const found = (await rangeInUse(0)) ?? (await rangeInUse(1)) ?? (await rangeInUse(2)) ?? (await rangeInUse(3));
    if (found === undefined) throw new Error('four times a Service of another claim got the address first');
    inUse = found;
    await settle(() => readyOf(inside.name), {
      waitingFor: 'the inner range to be Ready',
      accept: (ready) => ready.startsWith('True'),
      inARow: 1,
    });
    await kube.networking.deleteServiceCIDR({ name: inUse.name });
    await settle(() => readyOf(inUse.name), { waitingFor: 'the condition of the range', accept: (ready) => ready === 'False Terminating' });
  });

  check('its-service-answers', 'a Service with an address of a ServiceCIDR that is Terminating is answered', async () => {
    await ns.slice({ service: 'web', endpoints: [{ addresses: [a.addresses.find((address) => !address.includes(':')) ?? a.address] }] });
    await expectEnding(client(), `http://${inUse.address}:8080/hostname`, 'answered', { by: a.name });
  });

  check(
    'grants-no-more',
    'a Service that asks for another address of a ServiceCIDR that is Terminating is rejected, as if there were no such range',
    async () => {
      await settle(() => attempt(ns, plain('late', { clusterIP: inUse.other })), {
        waitingFor: 'the address not to be in a range',
        accept: (result) => 'message' in result && result.message.includes('does not match the current range'),
      });
    },
  );

  check(
    'inside-another-goes',
    'a ServiceCIDR inside another one goes although a Service has an address of it, not earlier than about 10 s after its deletion',
    async () => {
      const asked = Date.now();
      await kube.networking.deleteServiceCIDR({ name: inside.name });
      await settle(() => readyOf(inside.name), {
        waitingFor: 'the inner range to be gone',
        accept: (ready) => ready === 'gone',
        inARow: 1,
      });
      // The API server rounds the time of the deletion down to a second.
      expect(Date.now() - asked).toBeGreaterThan(8900);
      expect((await ns.read('inside')).spec?.clusterIP).toBe(inside.address);
      expect(await readyOf(inUse.name)).toBe('False Terminating');
    },
  );

  check('gone-when-free', 'a ServiceCIDR that stays because its address is in use goes when that Service is deleted', async () => {
    await deleteService(ns, 'web');
    await settle(() => readyOf(inUse.name), { waitingFor: 'the range to be gone', accept: (ready) => ready === 'gone', inARow: 1 });
  });
});

/** Creates Services without a value until the API server rejects one, and returns that response. */
async function fill(ns: Namespace): Promise<{ code: number; message: string }> {
  for (let number = 0; number < 40; number++) {
    const result = await attempt(ns, plain(`fill-${number}`));
    if ('code' in result) return result;
  }
  throw new Error('the Service range has more than 40 addresses');
}

claim('range-full', ({ ns, setup, teardown, check }) => {
  let full: { code: number; message: string };

  setup(async () => {
    full = await fill(ns);
  });
  teardown(() => removeAll(ns, { ranges: [ns.name] }));

  check('internal-error', 'when no address is left, the API server answers 500: range is full', () => {
    recordObservation('the response', full);
    expect(full.code).toBe(500);
    expect(full.message).toContain('range is full');
    return Promise.resolve();
  });

  check('others-are-made', 'headless and ExternalName Services are made all the same', async () => {
    expect(await attempt(ns, plain('headless', { clusterIP: 'None' }))).toEqual({ granted: 'None' });
    await ns.serviceObject({ metadata: { name: 'external' }, spec: { type: 'ExternalName', externalName: 'example.invalid' } });
  });

  check('deletion-helps', 'when a Service is deleted, the next one gets its address at once', async () => {
    const { spec } = await ns.read('fill-0');
    await deleteService(ns, 'fill-0');
    // The API server may hear of its own deletion a moment later.
    await settle(() => attempt(ns, plain('next')), {
      waitingFor: 'the address of the deleted Service',
      accept: (result) => 'granted' in result && result.granted === spec?.clusterIP,
      inARow: 1,
    });
    const oneMore = await attempt(ns, plain('one-more'));
    recordObservation('the response to one more', oneMore);
    expect(oneMore).toMatchObject({ code: 500 });
  });

  check('further-range-helps', 'with a further ServiceCIDR the next Service gets an address of that one', async () => {
    const range = '198.19.0.240/28';
    await createRange(ns.name, range);
    await settle(() => attempt(ns, plain('one-more')), {
      waitingFor: 'an address of the further range',
      accept: (result) => 'granted' in result && numberIn(range, result.granted) > 0 && numberIn(range, result.granted) < 15,
      inARow: 1,
    });
  });
});

claim('bands', ({ ns, setup, teardown, check }) => {
  const ranges = { 32: '198.19.0.192/27', 16: '198.19.0.224/28' };
  /** Creates a Service, and returns the number of its address in a range. Waits until the range is used. */
  const draw = async (name: string, range: string): Promise<number> => {
    const result = await settle(() => attempt(ns, plain(name)), {
      waitingFor: 'an address',
      accept: (attempted) => 'granted' in attempted,
      inARow: 1,
    });
    return numberIn(range, 'granted' in result ? result.granted : '');
  };

  // Without room elsewhere, each address is of the range that the check has created.
  setup(async () => {
    await fill(ns);
  });
  teardown(() => removeAll(ns, { ranges: [`${ns.name}-32`, `${ns.name}-16`] }));

  // In any other order, the 14 upper ones are first less than once in 10^8 times.
  check('upper-band-first', 'of 32 addresses, Services get numbers 17 to 30 first, and 1 to 16 only then', async () => {
    await createRange(`${ns.name}-32`, ranges[32]);
    const drawn: number[] = [];
    for (let number = 0; number < 30; number++) drawn.push(await draw(`of-32-${number}`, ranges[32]));
    recordObservation('the numbers of the addresses, in order', drawn);
    const ascending = (numbers: readonly number[]) => [...numbers].sort((x, y) => x - y);
    expect(ascending(drawn.slice(0, 14))).toEqual(Array.from({ length: 14 }, (_, index) => index + 17));
    expect(ascending(drawn.slice(14))).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  });

  // With any band, each would be in the other one. All 24 are in the same half of the range less than once in eight million times.
  check('no-band-in-16', 'of 16 addresses, Services get low and high numbers while all are free', async () => {
    await createRange(`${ns.name}-16`, ranges[16]);
    const drawn: number[] = [];
    for (let times = 0; times < 24; times++) {
      drawn.push(await draw('of-16', ranges[16]));
      await deleteService(ns, 'of-16');
    }
    recordObservation('the numbers of the addresses, in order', drawn);
    expect(Math.min(...drawn)).toBeLessThanOrEqual(7);
    expect(Math.max(...drawn)).toBeGreaterThan(7);
  });
});
