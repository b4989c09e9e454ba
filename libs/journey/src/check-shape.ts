import { parseCondition } from '@tidings/condition';
import {
  ApiEntry,
  BranchStep,
  EventEntry,
  JourneyDefinition,
  SegmentEntry,
  shapeCheck,
  stepTypes,
  type ShapeProblem,
} from '@tidings/contracts';
import Type from 'typebox';

type Check = (document: unknown, place: string) => readonly ShapeProblem[];

const closed = { additionalProperties: false } as const;
const { entry, steps } = JourneyDefinition.properties;
const ofAnything = (list: object) => Type.Unsafe<readonly unknown[]>({ ...list, items: {} });

/** The journey around its entries and steps, each of which is held against the schema of its own type. */
const outline = shapeCheck(
  Type.Object({ ...JourneyDefinition.properties, entry: ofAnything(entry), steps: ofAnything(steps) }, closed),
);

const branchOutline = shapeCheck(
  Type.Object(
    {
      id: BranchStep.properties.id,
      branch: Type.Object({ ...BranchStep.properties.branch.properties, if: Type.Unknown() }, closed),
    },
    closed,
  ),
);

const entryChecks: Readonly<Record<string, Check>> = {
  event: shapeCheck(EventEntry),
  segment: shapeCheck(SegmentEntry),
  api: shapeCheck(ApiEntry),
};

const stepChecks: Readonly<Record<keyof typeof stepTypes, Check>> = {
  delay: shapeCheck(stepTypes.delay),
  waitFor: shapeCheck(stepTypes.waitFor),
  branch: checkBranch,
  message: checkMessage,
};

/** What keeps a document from being a journey definition at all: fields, types, and which kind each entry and step is. */
export function checkShape(document: unknown): readonly ShapeProblem[] {
  const problems = outline(document);
  return [
    ...problems,
    ...listAt(document, 'entry').flatMap((way, index) => checkByType(way, entryChecks, `entry[${index}]`)),
    ...listAt(document, 'steps').flatMap((step, index) => checkByType(step, stepChecks, `steps[${index}]`)),
  ];
}

/** The type of an entry or step is the one of its fields that names a type; its problems are then that type's only. */
function checkByType(
  document: unknown,
  checks: Readonly<Record<string, Check>>,
  place: string,
): readonly ShapeProblem[] {
  const types = Object.keys(checks);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return [{ place, message: `must have one of the fields ${types.join(', ')}` }];
  }
  const [type, ...others] = types.filter((name) => Object.hasOwn(document, name));
  if (type === undefined) return [{ place, message: `must have one of the fields ${types.join(', ')}` }];
  if (others.length > 0)
    return [{ place, message: `has ${[type, ...others].join(' and ')}, and must have just one of them` }];
  return checks[type]?.(document, place) ?? [];
}

function checkBranch(document: unknown, place: string): readonly ShapeProblem[] {
  const problems = branchOutline(document, place);
  if (problems.length > 0) return problems;
  const condition = at(at(document, 'branch'), 'if');
  const parsed = parseCondition(condition, `${place}.branch.if`);
  return parsed.ok ? historyIn(condition, `${place}.branch.if`) : parsed.problems;
}

/** What a condition asks of history, as a place in it. */
function historyKind(condition: unknown): string | undefined {
  const crossing = ['entered', 'left'].find((name) => at(at(condition, 'place'), name) !== undefined);
  if (crossing !== undefined) return `place.${crossing}`;
  return ['performed', 'sequence', 'message', 'listed'].find((name) => at(condition, name) !== undefined);
}

/** A journey knows the profile and its segments, not its history. */
function historyIn(condition: unknown, place: string): readonly ShapeProblem[] {
  const kind = historyKind(condition);
  if (kind !== undefined) {
    const message =
      'a journey does not know the history: put this condition in a segment and ask for the `segment` here';
    return [{ place: `${place}.${kind}`, message }];
  }
  const lists = ['all', 'any'].flatMap((name) =>
    listAt(condition, name).flatMap((item, index) => historyIn(item, `${place}.${name}[${index}]`)),
  );
  const not = at(condition, 'not');
  return not === undefined ? lists : [...lists, ...historyIn(not, `${place}.not`)];
}

function checkMessage(document: unknown, place: string): readonly ShapeProblem[] {
  const problems = messageShape(document, place);
  if (problems.length > 0) return problems;
  const message = at(document, 'message');
  if (at(message, 'push') !== undefined || at(message, 'email') !== undefined) return [];
  return [{ place: `${place}.message`, message: 'names no channel: add push or email' }];
}

const messageShape = shapeCheck(stepTypes.message);

function at(document: unknown, name: string): unknown {
  return typeof document === 'object' && document !== null && Object.hasOwn(document, name)
    ? Reflect.get(document, name)
    : undefined;
}

function listAt(document: unknown, name: string): readonly unknown[] {
  const list = at(document, name);
  return Array.isArray(list) ? list : [];
}
