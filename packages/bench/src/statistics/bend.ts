// Where a curve over levels bends: farthest above the chord from its first point to its last in (ln level, value), both scaled to [0, 1]
// (as in Satopaa et al. 2011, "Finding a Kneedle in a Haystack").

/** Less above the chord than this is noise or a straight line. */
const LEAST_BEND = 0.05;

/** `points` with ascending levels; undefined below three of them, and where nothing bends. */
export function bendOf(points: readonly { level: number; value: number }[]): number | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (points.length < 3 || first === undefined || last === undefined) return undefined;
  const values = points.map(({ value }) => value);
  const range = Math.max(...values) - Math.min(...values);
  if (range <= 0) return undefined;
  const aboveChord = ({ level, value }: { level: number; value: number }): number => {
    const x = Math.log(level / first.level) / Math.log(last.level / first.level);
    return (value - first.value - x * (last.value - first.value)) / range;
  };
  const best = points.reduce((most, point) => (aboveChord(point) > aboveChord(most) ? point : most));
  return aboveChord(best) >= LEAST_BEND ? best.level : undefined;
}
