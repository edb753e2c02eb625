import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../base/message-of.ts';
import { yaml } from '../base/yaml.ts';

/** The place where k3s reads its registries, as it starts. https://docs.k3s.io/installation/private-registry */
const target = '/etc/rancher/k3s/registries.yaml';

const names = z.record(z.string(), z.unknown());
const registries = z.strictObject({
  mirrors: names.nullish(),
  configs: z
    .record(
      z.string(),
      z
        .looseObject({ tls: z.looseObject({ ca_file: z.string(), cert_file: z.string(), key_file: z.string() }).partial().nullish() })
        .nullish(),
    )
    .nullish(),
});

/** A file to copy into the node: paths on this machine and in the node. */
export interface CopiedFile {
  readonly source: string;
  readonly target: string;
  /** The rights of the file in the node. */
  readonly mode: number;
}

/**
 * Returns the files that give a node the registries of a registries.yaml: itself, and the certificates and keys that it names, at the same paths.
 * Throws an error that says what is wrong with the file. The error repeats no value, because the file may have passwords.
 */
export function registryFiles(path: string): CopiedFile[] {
  const source = resolve(path);
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch (error) {
    throw new Error(`cannot be read: ${messageOf(error)}`, { cause: error });
  }
  let content: unknown;
  try {
    content = yaml().parse(text);
  } catch {
    throw new Error('is not YAML');
  }
  const { data, error } = registries.safeParse(content);
  if (data === undefined || (data.mirrors == null && data.configs == null)) {
    const where = error?.issues[0]?.path.join('.') ?? '';
    throw new Error(
      'is not a registries.yaml of k3s, which has the keys mirrors and configs and no other (https://docs.k3s.io/installation/private-registry)' +
        (where === '' ? '' : `: look at ${where}`),
    );
  }
  const certificates = Object.values(data.configs ?? {}).flatMap((config) =>
    [config?.tls?.ca_file, config?.tls?.cert_file, config?.tls?.key_file].filter((file) => file !== undefined),
  );
  const missing = certificates.filter((file) => !isAbsolute(file) || !existsSync(file));
  if (missing.length > 0) throw new Error(`names ${missing.join(', ')}, and this machine has no such file with an absolute path`);
  const copied = [{ source, target }, ...[...new Set(certificates)].map((file) => ({ source: file, target: file }))];
  return copied.map((file) => ({ ...file, mode: 0o600 }));
}
