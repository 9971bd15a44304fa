import leven from 'leven';
import { faults, longestShownName, type Problem, shownName } from './faults.ts';

/** A hint is given for a name that differs from a known one in at most this many letters, and in a third of its own. */
const hintDistance = 3;

/** The problem of a name that is none of the known ones, with the nearest of them as a hint. */
export function unknownParameter(name: string, knownNames: readonly string[]): Problem {
  if (name.length > longestShownName) return faults.unknownParameter(shownName(name), '');
  const nearest = knownNames
    .map((known) => ({ known, distance: leven(name, known, { maxDistance: hintDistance + 1 }) }))
    .reduce((best, next) => (next.distance < best.distance ? next : best), { known: '', distance: Infinity });
  const near = Math.min(hintDistance, Math.ceil(name.length / 3));
  const hint = nearest.distance <= near ? `: did you mean ${nearest.known}?` : '';
  return faults.unknownParameter(shownName(name), hint);
}
