/** Something the person who started the run can put right. The message is shown as it is, without a stack; exit status 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}
