import { z } from 'zod';

// Puts each object of the evidence into one readable line. An object that lacks what its line needs is only shown as JSON.

/** The names of the kinds of objects in the evidence, by their key there. */
export const kindNames: Readonly<Record<string, string>> = { services: 'Service', endpointSlices: 'EndpointSlice', pods: 'Pod' };

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((given) =>
    Object.entries(given ?? {})
      // Those with a prefix are for other programs, such as service meshes.
      .filter(([key]) => !key.includes('/'))
      .map(([key, value]) => `${key}=${value}`)
      .join(', '),
  );
const metadata = z.object({ name: z.string(), labels });

const service = z
  .object({
    metadata,
    spec: z.object({
      type: z.string().default('ClusterIP'),
      clusterIP: z.string().nullish(),
      selector: labels,
      sessionAffinity: z.string().nullish(),
      externalName: z.string().nullish(),
      ports: z
        .array(
          z.object({
            port: z.number(),
            targetPort: z.union([z.number(), z.string()]).nullish(),
            nodePort: z.number().nullish(),
            protocol: z.string().default('TCP'),
          }),
        )
        .nullish(),
    }),
  })
  .transform(({ metadata: { name }, spec }) => {
    const ports = (spec.ports ?? []).map(
      ({ port, targetPort, nodePort, protocol }) =>
        `${port} → ${targetPort ?? port}/${protocol}${nodePort == null ? '' : `, node port ${nodePort}`}`,
    );
    return [
      `${name}: ${spec.type} ${spec.clusterIP ?? spec.externalName ?? 'without an address'}`,
      ...ports,
      spec.selector === '' ? 'no selector' : `selector ${spec.selector}`,
      ...(spec.sessionAffinity == null || spec.sessionAffinity === 'None' ? [] : [`session affinity ${spec.sessionAffinity}`]),
    ].join(' · ');
  });

const endpointSlice = z
  .object({
    metadata,
    ports: z.array(z.object({ port: z.number().nullish(), protocol: z.string().default('TCP') })).nullish(),
    endpoints: z
      .array(
        z.object({
          addresses: z.array(z.string()),
          conditions: z.object({ ready: z.boolean().nullish() }).nullish(),
          targetRef: z.object({ name: z.string().nullish() }).nullish(),
        }),
      )
      .nullish(),
  })
  .transform(({ metadata: { name }, ports, endpoints }) => {
    const port = (ports ?? []).map((it) => `${it.port ?? 'any'}/${it.protocol}`).join(', ');
    const listed = (endpoints ?? []).map(
      ({ addresses, conditions, targetRef }) =>
        `${addresses.join(', ')}${targetRef?.name == null ? '' : ` (Pod ${targetRef.name})`} ${conditions?.ready === false ? 'not ready' : 'ready'}`,
    );
    return [`${name}: ${listed.length === 0 ? 'no endpoints' : listed.join(', ')}`, ...(port === '' ? [] : [`port ${port}`])].join(' · ');
  });

const pod = z
  .object({
    metadata,
    status: z.object({
      phase: z.string().nullish(),
      podIP: z.string().nullish(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
    }),
  })
  .transform(({ metadata: it, status }) => {
    const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status;
    return [
      `${it.name}: ${status.podIP ?? 'no address'}`,
      ...(status.phase == null ? [] : [status.phase]),
      ...(ready === undefined ? [] : [ready === 'True' ? 'Ready' : 'not Ready']),
      ...(it.labels === '' ? [] : [`labels ${it.labels}`]),
    ].join(' · ');
  });

const lineOf: Readonly<Record<string, z.ZodType<string>>> = { services: service, endpointSlices: endpointSlice, pods: pod };
const podAddress = z.object({ metadata: z.object({ name: z.string() }), status: z.object({ podIP: z.string() }) });

/**
 * Returns a line for each object of a kind: `services`, `endpointSlices` or `pods`. An object in no known form has no line. Objects are as in JSON, so those
 * of client-node must be converted first.
 */
export function objectLines(kind: string, objects: readonly unknown[]): string[] {
  return objects.map((object) => lineOf[kind]?.safeParse(object).data).filter((line) => line !== undefined);
}

/** Returns the names of Pods by their address. */
export function podsByAddress(pods: readonly unknown[] = []): Record<string, string> {
  const known = pods.map((it) => podAddress.safeParse(it).data).filter((it) => it !== undefined);
  return Object.fromEntries(known.map(({ metadata: { name }, status }) => [status.podIP, name]));
}
