import type { PlaceCondition, ShapeProblem } from '@tidings/contracts';

const crossings = ['entered', 'left'] as const;

/** What is wrong with a `place` whose shape is right: that it asks two things at once, or does not say how long ago. */
export function placeProblems({ place: asked }: PlaceCondition, place: string): ShapeProblem[] {
  const { withinLast, ...others } = asked;
  const crossed = crossings.filter((name) => asked[name] !== undefined);
  const names = Object.keys(others);
  if (crossed.length === 0 && withinLast !== undefined)
    return [{ place: `${place}.place.withinLast`, message: 'needs one of entered, left to say of what' }];
  if (crossed.length > 0 && names.length > 1) {
    const message = `asks different things with ${names.join(', ')}: give each a condition of its own in an \`all\``;
    return [{ place: `${place}.place`, message }];
  }
  return crossed.length > 0 && withinLast === undefined
    ? [{ place: `${place}.place.withinLast`, message: 'is missing: how long ago it may be' }]
    : [];
}
