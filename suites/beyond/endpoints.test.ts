import { expect } from '@jest/globals';
import type { HandWrittenSlice } from '../../helpers/kube/slices.ts';
import type { Backend } from '../../helpers/testbed/run-context.ts';
import { backends, claim, client, expectEnding, recordObservation, webService } from '../../helpers/testbed/testbed.ts';

claim('slices-by-hand', ({ ns, setup, check }) => {
  let a: Backend;
  const urls: Record<string, string> = {};
  /** Creates a Service without a selector, with one port named http, and the slice that is given, by default one that fits. */
  const create = async (name: string, slice: Partial<HandWrittenSlice> = {}) => {
    const ports = [{ name: 'http', port: 8080, targetPort: 80 }];
    urls[name] = (await ns.service(webService({ selector: {}, ports }, { name }))).url(8080);
    await ns.slice({ service: name, name, endpoints: [{ addresses: [a.address] }], ports: [{ name: 'http', port: 80 }], ...slice });
  };
  const refused = async (name: string) => {
    await expectEnding(client(), urls[name] ?? '', 'refused');
  };

  // All states at once, so that kube-proxy writes the rules for all of them together.
  setup(async () => {
    [a] = await backends();
    await Promise.all([
      create('fits'),
      create('other-name', { ports: [{ name: 'web', port: 80 }] }),
      create('other-protocol', { ports: [{ name: 'http', port: 80, protocol: 'UDP' }] }),
      create('no-label', { service: null }),
      create('no-name', { ports: [{ port: 80 }] }),
      ns
        .service(webService({ selector: {}, ports: [{ name: 'http', port: 8080 }] }, { name: 'none' }))
        .then((none) => (urls.none = none.url(8080))),
    ]);
  });

  check('right-slice-answers', 'a slice with the label and the name of the port makes its Pod answer', async () => {
    await expectEnding(client(), urls.fits ?? '', 'answered', { by: a.name });
  });

  check('no-slice', 'without a slice a client is refused, and no controller adds one', async () => {
    await refused('none');
    const { slices } = await ns.endpoints('none');
    recordObservation('the slices of the Service', slices);
    expect(slices).toEqual([]);
  });

  check('other-port-name', 'a slice that names its port otherwise does not count', () => refused('other-name'));
  check('other-protocol', 'a slice with the same port name for UDP does not count', () => refused('other-protocol'));
  check('no-label', 'a slice without the label does not count', () => refused('no-label'));
  check('no-port-name', 'a slice with a port without a name does not count', () => refused('no-name'));
});
