import { expect } from '@jest/globals';
import type { Shell } from '../../helpers/kube/shell.ts';
import { addressAt, claim, clientPod, cluster, inUrl, kube, recordObservation } from '../../helpers/testbed/testbed.ts';

claim('api-from-a-pod', ({ ns, setup, check }) => {
  const files = '/var/run/secrets/kubernetes.io/serviceaccount';
  const service = 'kubernetes.default.svc';
  let pod: Shell;

  setup(async () => {
    await ns.pods(clientPod('with-token', { automountServiceAccountToken: true }), clientPod('without-token'));
    pod = await ns.shell('with-token');
  });

  /** Asks the API server for its versions, and returns the exit code of curl and the status of the response; 000 without one. */
  const ask = async (what: string, options: string, host = service) => {
    const { exitCode, output } = await pod.run(
      `curl -s --max-time 5 --cacert ${files}/ca.crt ${options} -o /dev/null -w '%{http_code}' https://${host}/api`,
    );
    const seen = { exitCode, status: output };
    recordObservation(what, seen);
    return seen;
  };
  const token = `-H "Authorization: Bearer $(cat ${files}/token)"`;

  check('token-is-accepted', 'a request with the token and the certificate authority of the Pod is answered with status 200', async () => {
    expect(await ask('the response to the token', token)).toEqual({ exitCode: 0, status: '200' });
  });

  check('without-token', 'the same request without the token is answered with 401 or 403', async () => {
    expect(['401', '403']).toContain((await ask('the response without a token', '')).status);
  });

  // curl exits 60 where a certificate is not for the name that was asked for.
  check(
    'certificate-names',
    'the certificate is good for the name and for the ClusterIP of the Service, and not for any other name',
    async () => {
      const { spec } = await kube.core.readNamespacedService({ namespace: 'default', name: 'kubernetes' });
      const address = inUrl(spec?.clusterIP ?? '');
      expect(await ask('the response at the ClusterIP', token, address)).toEqual({ exitCode: 0, status: '200' });
      const other = await ask('the response under another name', `${token} --resolve 'other.example:443:${address}'`, 'other.example');
      expect(other).toEqual({ exitCode: 60, status: '000' });
    },
  );

  check('first-address', 'the Service has no selector, and the first address of the Service range', async () => {
    const { spec } = await kube.core.readNamespacedService({ namespace: 'default', name: 'kubernetes' });
    const first = addressAt(cluster.serviceRanges[0] ?? '', 1);
    recordObservation('the Service, and the first address of the range', { selector: spec?.selector, clusterIP: spec?.clusterIP, first });
    expect(spec?.selector).toBeUndefined();
    expect(spec?.clusterIP).toBe(first);
  });

  check('no-token-when-off', 'a Pod with automountServiceAccountToken false has no such files', async () => {
    const { exitCode, output } = await (await ns.shell('without-token')).run(`ls ${files} 2>&1`);
    recordObservation('the files of the other Pod', { exitCode, output });
    expect(exitCode).not.toBe(0);
    // Control: the first Pod has them.
    // A distribution may add files, as OpenShift adds service-ca.crt.
    expect((await pod.run(`ls ${files}`)).output.trim().split(/\s+/)).toEqual(expect.arrayContaining(['ca.crt', 'namespace', 'token']));
  });
});
