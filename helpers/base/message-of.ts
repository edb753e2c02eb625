/** Returns the message of whatever was thrown. In Jest it may be an error of another realm, for which `instanceof Error` is false. */
export function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : String(error);
}

/** Returns the first line of that message: some libraries append a whole exchange. */
export function firstLineOf(error: unknown): string {
  return messageOf(error).split('\n')[0] ?? '';
}
