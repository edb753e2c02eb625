import { expect } from '@jest/globals';
import ipaddr from 'ipaddr.js';
import type { Lab } from '../../helpers/testbed/lab.ts';
import { applyLab, claim, inUrl, openLab, recordObservation, settle, webService } from '../../helpers/testbed/testbed.ts';

// The chapter's lab with its own files and commands, typed in a shell with kubectl. Each claim does this in its own namespace.

claim('service-yaml', ({ ns, setup, check }) => {
  let lab: Lab;

  setup(async () => {
    lab = await openLab(ns.name, { 'service.yaml': 'chapter/service.yaml' });
  });

  check('accepted', 'kubectl applies it, checking every field', async () => {
    const { exitCode, output } = await lab.type('kubectl apply --validate=strict -f service.yaml');
    expect([exitCode, output.trim()]).toEqual([0, 'service/nnappone-service created']);
  });

  check('type-and-port', 'it is of type ClusterIP and maps TCP port 8080 to 80', async () => {
    const { spec } = await ns.read('nnappone-service');
    recordObservation('type and ports', { type: spec?.type, ports: spec?.ports });
    expect(spec?.type).toBe('ClusterIP');
    expect(spec?.ports?.map(({ port, targetPort, protocol }) => ({ port, targetPort, protocol }))).toEqual([
      { port: 8080, targetPort: 80, protocol: 'TCP' },
    ]);
  });
});

claim('pod-yaml', ({ ns, setup, check }) => {
  let lab: Lab;

  setup(async () => {
    lab = await openLab(ns.name, {
      'pod-for-service.yaml': 'chapter/pod-for-service.yaml',
      'corrected.yaml': 'corrected/pod-for-service.yaml',
    });
  });

  check('kubectl-refuses', 'kubectl rejects the printed file, which is not YAML', async () => {
    const { exitCode, output } = await lab.type('kubectl apply -f pod-for-service.yaml');
    expect(exitCode).toBe(1);
    expect(output).toContain('error converting YAML to JSON');
    expect(output).toContain("could not find expected ':'");
  });

  check('mended-is-accepted', 'with `metadata:` kubectl creates the Pod, which becomes Ready', async () => {
    const { exitCode, output } = await lab.type('kubectl apply -f corrected.yaml');
    expect([exitCode, output.trim()]).toEqual([0, 'pod/nnappone created']);
    await ns.podsReady('nnappone');
  });
});

claim('service-file', ({ ns, setup, check }) => {
  let lab: Lab;

  setup(async () => {
    lab = await openLab(ns.name, { 'service.yaml': 'chapter/service.yaml' });
  });

  check('no-such-file', 'kubectl finds no service-for-pod.yml', async () => {
    const { exitCode, output } = await lab.type('kubectl apply -f service-for-pod.yml');
    expect([exitCode, output.trim()]).toEqual([1, 'error: the path "service-for-pod.yml" does not exist']);
  });

  check('works-once-saved', "with the chapter's Service saved under that name the command works", async () => {
    await lab.type('cp service.yaml service-for-pod.yml');
    const { exitCode, output } = await lab.type('kubectl apply -f service-for-pod.yml');
    expect([exitCode, output.trim()]).toEqual([0, 'service/nnappone-service created']);
  });
});

claim('endpoints-list-pod', ({ ns, setup, check }) => {
  let lab: Lab;
  let endpoint: string;

  setup(async () => {
    lab = await applyLab(ns.name);
    const [pod] = await ns.podsReady('nnappone');
    endpoint = `${inUrl(pod?.status?.podIP ?? '')}:80`;
  });

  check('pod-ip-and-target-port', 'the column shows the Pod IP, a colon, and the targetPort', async () => {
    await settle(() => lab.type('kubectl get endpoints nnappone-service --no-headers'), {
      waitingFor: endpoint,
      accept: ({ output }) => output.split(/\s+/).slice(0, 2).join(' ') === `nnappone-service ${endpoint}`,
      inARow: 1,
    });
  });
});

claim('pod-range', ({ ns, setup, check }) => {
  setup(async () => {
    await applyLab(ns.name);
  });

  check('in-10-42', 'the Pod has an address from 10.42.0.0/16', async () => {
    const [pod] = await ns.podsReady('nnappone');
    const addresses = (pod?.status?.podIPs ?? []).map(({ ip }) => ip);
    recordObservation('the addresses of the Pod', addresses);
    expect(
      addresses.filter((ip) => ipaddr.IPv4.isValid(ip)).map((ip) => ipaddr.IPv4.parse(ip).match(ipaddr.IPv4.parseCIDR('10.42.0.0/16'))),
    ).toEqual([true]);
  });
});

claim('angle-brackets', ({ ns, setup, check }) => {
  let lab: Lab;

  setup(async () => {
    lab = await applyLab(ns.name);
    await lab.type('kubectl run plain --image=curlimages/curl -- sleep 600');
    await ns.podsReady('nnappone', 'plain');
  });

  check('works-without', 'without the brackets the shell starts curl, which is answered', async () => {
    await settle(() => lab.type('kubectl exec plain -c plain -- curl -s http://nnappone-service:8080'), {
      waitingFor: 'the page',
      accept: ({ output }) => output.includes('Welcome to nginx!'),
      inARow: 1,
    });
  });

  check('shell-refuses', 'with the brackets the shell fails and never starts curl', async () => {
    const { exitCode, output } = await lab.type('curl() { echo curl was started; }; curl <http://nnappone-service:8080>');
    expect(exitCode).not.toBe(0);
    expect(output).not.toContain('curl was started');
    // Each shell words this error differently.
    expect(output).toMatch(/syntax error|No such file|nonexistent/i);
    // Control: the same line without brackets does start curl.
    expect((await lab.type('curl() { echo curl was started; }; curl http://nnappone-service:8080')).output).toContain('curl was started');
  });
});

claim('get-svc-shows-it', ({ ns, setup, check }) => {
  let lab: Lab;

  setup(async () => {
    lab = await openLab(ns.name, { 'service.yaml': 'chapter/service.yaml' });
    await ns.service(webService({}, { name: 'nnappone-service' }));
  });

  check('shown', 'the column CLUSTER-IP shows the address that the API returns', async () => {
    const { spec } = await ns.read('nnappone-service');
    const { output } = await lab.type('kubectl get svc nnappone-service');
    expect(output).toMatch(/^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE$/m);
    expect(output).toMatch(new RegExp(`^nnappone-service +ClusterIP +${spec?.clusterIP} +<none> +8080/TCP +\\S+$`, 'm'));
  });
});

claim('verify-with-endpoints', ({ ns, setup, check }) => {
  let lab: Lab;
  let podIP: string;

  setup(async () => {
    lab = await applyLab(ns.name);
    const [pod] = await ns.podsReady('nnappone');
    podIP = pod?.status?.podIP ?? '';
  });

  check('lists-the-pod', '`kubectl get endpoints` lists the Pod', async () => {
    await settle(() => lab.type('kubectl get endpoints nnappone-service'), {
      waitingFor: podIP,
      accept: ({ output }) => output.includes(`${inUrl(podIP)}:80`),
      inARow: 1,
    });
  });

  check('warns', 'it warns that Endpoints are deprecated, in favour of EndpointSlice', async () => {
    const { warnings } = await lab.type('kubectl get endpoints nnappone-service');
    expect(warnings).toContain('v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice');
  });

  check('slices-do-not-warn', '`kubectl get endpointslices` lists the same Pod without a warning', async () => {
    const { output, warnings } = await lab.type('kubectl get endpointslices -l kubernetes.io/service-name=nnappone-service');
    expect(output).toContain(podIP);
    expect(warnings + output).not.toMatch(/deprecated/i);
  });
});
