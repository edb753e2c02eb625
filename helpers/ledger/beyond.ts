import { addresses } from './beyond/addresses.ts';
import { affinity } from './beyond/affinity.ts';
import { apiRules } from './beyond/api-rules.ts';
import { apiServer } from './beyond/api-server.ts';
import { dnsRecords } from './beyond/dns-records.ts';
import { dualStack } from './beyond/dual-stack.ts';
import { endpoints } from './beyond/endpoints.ts';
import { environment } from './beyond/environment.ts';
import { headless } from './beyond/headless.ts';
import { path } from './beyond/path.ts';
import { ports } from './beyond/ports.ts';
import { resolver } from './beyond/resolver.ts';
import { timing } from './beyond/timing.ts';
import { trafficPolicy } from './beyond/traffic-policy.ts';
import { udp } from './beyond/udp.ts';

/** What Kubernetes' own documents promise about ClusterIP Services beyond the chapter, by topic and in the order in which a reader learns it. */
export const beyond = {
  ...endpoints,
  ...path,
  ...trafficPolicy,
  ...dnsRecords,
  ...resolver,
  ...headless,
  ...udp,
  ...affinity,
  ...ports,
  ...addresses,
  ...environment,
  ...apiRules,
  ...dualStack,
  ...apiServer,
  ...timing,
};
