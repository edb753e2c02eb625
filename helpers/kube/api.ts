import { readFileSync } from 'node:fs';
import {
  type ApiException,
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  createConfiguration,
  DiscoveryV1Api,
  KubeConfig,
  NetworkingV1Api,
  type RequestContext,
  type ResponseContext,
  ServerConfiguration,
  type V1Status,
  VersionApi,
} from '@kubernetes/client-node';

export interface Kube {
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
  readonly discovery: DiscoveryV1Api;
  readonly networking: NetworkingV1Api;
  readonly version: VersionApi;
}

/** Opens the Kubernetes API that a kubeconfig file names. */
export function openKube(file: string): Kube {
  const config = new KubeConfig();
  config.loadFromString(readFileSync(file, 'utf8'));
  const server = config.getCurrentCluster()?.server ?? '';
  // The client makes a new TLS connection for every request unless all of them share one dispatcher.
  let shared: ReturnType<RequestContext['getDispatcher']>;
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        pre: (context: RequestContext) => {
          shared ??= context.getDispatcher();
          if (shared !== undefined) context.setDispatcher(shared);
          return Promise.resolve(context);
        },
        post: (context: ResponseContext) => Promise.resolve(context),
      },
    ],
  });
  return {
    config,
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    batch: new BatchV1Api(configuration),
    discovery: new DiscoveryV1Api(configuration),
    networking: new NetworkingV1Api(configuration),
    version: new VersionApi(configuration),
  };
}

/** The API server's own words for why it refused a request: code and message of its Status. Rethrows anything else. */
export function refusal(error: unknown): { code: number; message: string } {
  const { code, body } = error as ApiException<string>;
  if (typeof code !== 'number' || typeof body !== 'string') throw error;
  return { code, message: (JSON.parse(body) as V1Status).message ?? body };
}
