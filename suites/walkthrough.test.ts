import { beforeAll, expect } from '@jest/globals';
import ipaddr from 'ipaddr.js';
import { claim, kube } from '../helpers/claims/claim.ts';
import { createService, podsReady } from '../helpers/kube/objects.ts';
import { applyLab, type Lab, openLab } from '../helpers/kube/lab.ts';
import { webService } from '../helpers/kube/workloads.ts';
import { settle } from '../helpers/probe/settle.ts';
import { recordLook } from '../helpers/report/evidence.ts';

// The chapter's lab with its own files and commands, typed on the node where kubectl is. Each claim does it in its own namespace.

claim('service-yaml', ({ namespace, fact }) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab(namespace, { 'service.yaml': 'chapter/service.yaml' });
  });

  fact('accepted', 'kubectl applies it, checking every field', async () => {
    const { exitCode, output } = await lab.type('kubectl apply --validate=strict -f service.yaml');
    expect([exitCode, output.trim()]).toEqual([0, 'service/nnappone-service created']);
  });

  fact('type-and-port', 'it is of type ClusterIP and maps TCP port 8080 to 80', async () => {
    const { spec } = await kube.core.readNamespacedService({ namespace, name: 'nnappone-service' });
    expect(spec?.type).toBe('ClusterIP');
    expect(spec?.ports?.map(({ port, targetPort, protocol }) => ({ port, targetPort, protocol }))).toEqual([
      { port: 8080, targetPort: 80, protocol: 'TCP' },
    ]);
  });
});

claim('pod-yaml', ({ namespace, fact }) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab(namespace, {
      'pod-for-service.yaml': 'chapter/pod-for-service.yaml',
      'corrected.yaml': 'corrected/pod-for-service.yaml',
    });
  });

  fact('kubectl-refuses', 'kubectl refuses the printed file: it is no YAML', async () => {
    const { exitCode, output } = await lab.type('kubectl apply -f pod-for-service.yaml');
    expect(exitCode).toBe(1);
    expect(output).toContain('error converting YAML to JSON');
    expect(output).toContain("could not find expected ':'");
  });

  fact('mended-is-accepted', 'with `metadata:` it creates the Pod, which becomes Ready', async () => {
    const { exitCode, output } = await lab.type('kubectl apply -f corrected.yaml');
    expect([exitCode, output.trim()]).toEqual([0, 'pod/nnappone created']);
    await podsReady(kube, namespace, ['nnappone']);
  });
});

claim('service-file', ({ namespace, fact }) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab(namespace, { 'service.yaml': 'chapter/service.yaml' });
  });

  fact('no-such-file', 'kubectl finds no service-for-pod.yml', async () => {
    const { exitCode, output } = await lab.type('kubectl apply -f service-for-pod.yml');
    expect([exitCode, output.trim()]).toEqual([1, 'error: the path "service-for-pod.yml" does not exist']);
  });

  fact('works-once-saved', "with the chapter's Service saved under that name the command works", async () => {
    await lab.type('cp service.yaml service-for-pod.yml');
    const { exitCode, output } = await lab.type('kubectl apply -f service-for-pod.yml');
    expect([exitCode, output.trim()]).toEqual([0, 'service/nnappone-service created']);
  });
});

claim('endpoints-list-pod', ({ namespace, fact }) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await applyLab(namespace);
    await podsReady(kube, namespace, ['nnappone']);
  });

  fact('pod-ip-and-target-port', 'the column reads the Pod IP, a colon, and the targetPort', async () => {
    const { status } = await kube.core.readNamespacedPod({ namespace, name: 'nnappone' });
    await settle(() => lab.type('kubectl get endpoints nnappone-service --no-headers'), {
      waitingFor: `${status?.podIP}:80`,
      accept: ({ output }) => new RegExp(`^nnappone-service +${status?.podIP}:80 `, 'm').test(output),
      inARow: 1,
    });
  });
});

claim('pod-range', ({ namespace, fact }) => {
  beforeAll(async () => {
    await applyLab(namespace);
  });

  fact('in-10-42', 'the Pod has an address from 10.42.0.0/16', async () => {
    const [pod] = await podsReady(kube, namespace, ['nnappone']);
    recordLook('the Pod IP', pod?.status?.podIP);
    expect(ipaddr.parse(pod?.status?.podIP ?? '').match(ipaddr.parseCIDR('10.42.0.0/16'))).toBe(true);
  });
});

claim('angle-brackets', ({ namespace, fact }) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await applyLab(namespace);
    await podsReady(kube, namespace, ['nnappone']);
  });

  fact('works-without', 'without the brackets the shell starts curl, which is answered', async () => {
    await settle(
      () =>
        lab.type(
          `kubectl run plain --image=curlimages/curl --restart=Never --attach --rm -q -- sh -c 'curl -s http://nnappone-service:8080'`,
        ),
      {
        waitingFor: 'the page',
        accept: ({ output }) => output.includes('Welcome to nginx!'),
        inARow: 1,
      },
    );
  });

  // Wordings differ between shells; that the command was not started does not.
  fact('shell-refuses', 'with them it refuses and never starts curl', async () => {
    const { exitCode, output } = await lab.type('curl() { echo curl was started; }; curl <http://nnappone-service:8080>');
    expect(exitCode).not.toBe(0);
    expect(output).not.toContain('curl was started');
    expect(output).toMatch(/syntax error|No such file|nonexistent/i);
    // Control: the same line without brackets does start it.
    expect((await lab.type('curl() { echo curl was started; }; curl http://nnappone-service:8080')).output).toContain('curl was started');
  });
});

claim('get-svc-shows-it', ({ namespace, fact }) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab(namespace, { 'service.yaml': 'chapter/service.yaml' });
    await createService(kube, namespace, { ...webService(), metadata: { name: 'nnappone-service' } });
  });

  fact('shown', 'the column CLUSTER-IP is the address that the API has', async () => {
    const { spec } = await kube.core.readNamespacedService({ namespace, name: 'nnappone-service' });
    const { output } = await lab.type('kubectl get svc nnappone-service');
    expect(output).toMatch(/^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE$/m);
    expect(output).toMatch(new RegExp(`^nnappone-service +ClusterIP +${spec?.clusterIP} +<none> +8080/TCP +\\S+$`, 'm'));
  });
});

claim('verify-with-endpoints', ({ namespace, fact }) => {
  let lab: Lab;
  let address: string;

  beforeAll(async () => {
    lab = await applyLab(namespace);
    const [pod] = await podsReady(kube, namespace, ['nnappone']);
    address = pod?.status?.podIP ?? '';
  });

  fact('lists-the-pod', 'it lists the Pod', async () => {
    await settle(() => lab.type('kubectl get endpoints nnappone-service'), {
      waitingFor: address,
      accept: ({ output }) => output.includes(`${address}:80`),
      inARow: 1,
    });
  });

  fact('warns', 'and warns that Endpoints are deprecated, in favour of EndpointSlice', async () => {
    const { output } = await lab.type('kubectl get endpoints nnappone-service');
    expect(output).toContain('v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice');
  });

  fact('slices-do-not-warn', '`kubectl get endpointslices` lists the same Pod without a warning', async () => {
    const { output } = await lab.type('kubectl get endpointslices -l kubernetes.io/service-name=nnappone-service');
    expect(output).toContain(address);
    expect(output).not.toMatch(/warning|deprecated/i);
  });
});
