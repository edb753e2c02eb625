/** Returns the median, the least and the greatest of some figures, each divided by `unit`, in columns; a dash where there is none. */
export function spread(figures: readonly number[], unit = 1000): string {
  if (figures.length === 0) return ['–', '–', '–'].map((text) => text.padStart(7)).join(' ');
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? sorted.at(-1) ?? 0)) / 2;
  return [median, sorted[0] ?? 0, sorted.at(-1) ?? 0].map((figure) => (figure / unit).toFixed(1).padStart(7)).join(' ');
}
