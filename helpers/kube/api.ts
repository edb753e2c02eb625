import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import {
  AppsV1Api,
  AuthorizationV1Api,
  CoordinationV1Api,
  CoreV1Api,
  createConfiguration,
  DiscoveryV1Api,
  IsomorphicFetchHttpLibrary,
  KubeConfig,
  NetworkingV1Api,
  type RequestContext,
  type ResponseContext,
  ServerConfiguration,
  VersionApi,
  wrapHttpLibrary,
} from '@kubernetes/client-node';
import { timeouts } from '../base/timeouts.ts';
import { environmentProxy } from './environment-proxy.ts';
import { Refused } from './refusal.ts';
import { withRetries } from './retries.ts';

/** The Kubernetes API of one cluster: a client for each API group that the suite uses. */
export interface Kube {
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly authorization: AuthorizationV1Api;
  readonly coordination: CoordinationV1Api;
  readonly discovery: DiscoveryV1Api;
  readonly networking: NetworkingV1Api;
  readonly version: VersionApi;
}

/** How to reach a cluster. Has no credentials: they stay in their file. */
export interface KubeAccess {
  /** Absent: the kubeconfig that kubectl would use, or the ServiceAccount of the Pod in which this process runs. */
  readonly kubeconfig?: string;
  /** Absent: the current context of a kubeconfig that is this suite's own. */
  readonly context?: string;
}

function firstOfEachName<T extends { name: string }>(entries: readonly T[]): T[] {
  return entries.filter((entry) => entries.find(({ name }) => name === entry.name) === entry);
}

/** Loads kubeconfig files as one: of each name the first entry counts. */
function loadMerged(config: KubeConfig, files: readonly string[]): void {
  const configs = files.map((file) => {
    const one = new KubeConfig();
    one.loadFromFile(file);
    return one;
  });
  config.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap((one) => one.getClusters())),
    users: firstOfEachName(configs.flatMap((one) => one.getUsers())),
    contexts: firstOfEachName(configs.flatMap((one) => one.getContexts())),
    currentContext: configs.map((one) => one.getCurrentContext()).find((it) => it),
  });
}

/**
 * Limits the handshake of web sockets to timeouts.command, and returns the configuration. A kubelet that accepts connections and is silent would otherwise
 * keep an exec, and with it the process, for ever. handshakeTimeout: https://github.com/websockets/ws/blob/8.18.0/doc/ws.md#new-websocketaddress-protocols-options
 */
function withHandshakeLimit(config: KubeConfig): KubeConfig {
  const apply = config.applyToHTTPSOptions.bind(config);
  config.applyToHTTPSOptions = async (options) => {
    await apply(options);
    Object.assign(options, { handshakeTimeout: timeouts.command });
  };
  return config;
}

/**
 * Reads the configuration that leads to a cluster. Merges the files of KUBECONFIG as kubectl does, which ignores missing ones. Throws the client's error
 * where it cannot read a file, or none exists.
 * The cluster of a named context is reached through the proxy that kubectl would use. Throws a UsageError as environmentProxy does.
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 */
export function kubeConfig({ kubeconfig, context }: KubeAccess): KubeConfig {
  const config = withHandshakeLimit(new KubeConfig());
  const existing = (process.env.KUBECONFIG ?? '').split(delimiter).filter((file) => existsSync(file));
  if (kubeconfig !== undefined) config.loadFromFile(kubeconfig);
  else if (existing.length > 0) loadMerged(config, existing);
  else config.loadFromDefault();
  if (context === undefined) return config;
  config.setCurrentContext(context);
  const current = config.getCurrentCluster();
  const proxyUrl = current === null ? undefined : (current.proxyUrl ?? environmentProxy(current.server, process.env));
  if (proxyUrl !== undefined) config.clusters = config.clusters.map((it) => (it === current ? { ...it, proxyUrl } : it));
  return config;
}

/** Opens the Kubernetes API of a cluster, with as many retries as kubectl makes. Throws as kubeConfig does. */
export function openKube(access: KubeAccess): Kube {
  return kubeOf(kubeConfig(access));
}

/**
 * Returns the Kubernetes API of a configuration. Its methods throw a Refused where the API server refuses a request, after as many retries: by default as
 * many as kubectl makes.
 */
export function kubeOf(config: KubeConfig, retries = 10): Kube {
  const server = config.getCurrentCluster()?.server ?? '';
  // The client makes a new TLS connection for every request unless all of them share one dispatcher.
  let shared: ReturnType<RequestContext['getDispatcher']>;
  const http = new IsomorphicFetchHttpLibrary();
  const configuration = createConfiguration({
    httpApi: wrapHttpLibrary(withRetries({ send: (request) => http.send(request).toPromise() }, retries)),
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        pre: (context: RequestContext) => {
          shared ??= context.getDispatcher();
          if (shared !== undefined) context.setDispatcher(shared);
          return Promise.resolve(context);
        },
        post: async (context: ResponseContext) => {
          if (context.httpStatusCode >= 400) throw new Refused(context.httpStatusCode, await context.body.text());
          return context;
        },
      },
    ],
  });
  return {
    config,
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    authorization: new AuthorizationV1Api(configuration),
    coordination: new CoordinationV1Api(configuration),
    discovery: new DiscoveryV1Api(configuration),
    networking: new NetworkingV1Api(configuration),
    version: new VersionApi(configuration),
  };
}
