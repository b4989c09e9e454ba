import { beforeAll, describe, expect, it } from '@jest/globals';
import type { DefinitionSet } from '@tidings/definition';
import type { Segments } from '@tidings/segment';
import { did, inForce, instant, is, readExample, Story, type Happening } from './story.fixture.js';

let learning: DefinitionSet;
let segments: Segments;
beforeAll(async () => {
  learning = await readExample('learning');
  segments = inForce(learning);
});

const lesson = (number: number) => did('Lesson Completed', { course_id: 'spanish-1', lesson_id: `lesson-${number}` });
const course = (name: string, id = 'spanish-1') => did(`Course ${name}`, { course_id: id });
const nothing = null;

/** When, what happens then, and every segment the learner is in afterwards. */
type Scene = readonly [when: string, what: Happening | null, ...memberships: string[]];

const stories: readonly (readonly [name: string, scenes: readonly Scene[]])[] = [
  ['who stays away is noticed after 3, 7 and 30 days, and comes back by one lesson', [
    ['03-02 09:00', did('Signed Up')],
    ['03-02 09:30', lesson(1), 'active-learners'],
    ['03-05 09:29', nothing, 'active-learners'],
    ['03-05 09:30', nothing, 'active-learners', 'no-lesson-3-days'],
    ['03-09 09:29', nothing, 'active-learners', 'no-lesson-3-days'],
    ['03-09 09:30', nothing, 'no-lesson-3-days', 'no-lesson-7-days'],
    ['04-01 09:29', nothing, 'no-lesson-3-days', 'no-lesson-7-days'],
    ['04-01 09:30', nothing, 'no-lesson-3-days', 'no-lesson-30-days', 'no-lesson-7-days'],
    ['2027-03-02 09:30', nothing, 'no-lesson-3-days', 'no-lesson-30-days', 'no-lesson-7-days'],
    ['2027-03-03 08:00', lesson(2), 'active-learners'],
  ]],
  ['who never starts is noticed after a day, until the first lesson', [
    ['03-02 09:00', did('Signed Up')],
    ['03-02 10:00', course('Started')],
    ['03-03 08:59', nothing],
    ['03-03 09:00', nothing, 'never-started'],
    ['04-03 09:00', nothing, 'never-started'],
    ['04-03 09:01', lesson(1), 'active-learners'],
    ['04-06 09:01', nothing, 'active-learners', 'no-lesson-3-days'],
  ]],
  ['ten lessons are ten different ones, however long they take', [
    ...[1, 2, 3, 4, 5, 6].map((number): Scene => [`03-0${number}`, lesson(number), 'active-learners']),
    ...[7, 8, 9].map((number): Scene => [`03-0${number}`, lesson(number), 'active-learners', 'streak-of-7-days']),
    ['03-10', lesson(9), 'active-learners', 'streak-of-7-days'],
    ['03-13', nothing, 'active-learners', 'no-lesson-3-days', 'streak-in-danger', 'streak-of-7-days'],
    ['03-14', nothing, 'active-learners', 'no-lesson-3-days'],
    ['06-01', lesson(10), 'active-learners', 'ten-lessons'],
    ['06-08', nothing, 'no-lesson-3-days', 'no-lesson-7-days', 'ten-lessons'],
  ]],
  ['a streak goes by the days where the learner lives, forgives two of them, and ends at midnight there', [
    ['03-01 12:00', is({}, { timezone: 'America/New_York' })],
    // Still the first of March, then the second.
    ['03-02 04:30', lesson(1), 'active-learners'],
    ['03-02 05:30', lesson(2), 'active-learners'],
    ...[4, 5, 6].map((day): Scene => [`03-0${day} 15:00`, lesson(day), 'active-learners']),
    ['03-07 15:00', lesson(7), 'active-learners'],
    ['03-08 15:00', lesson(8), 'active-learners', 'streak-of-7-days'],
    ['03-10 14:59', nothing, 'active-learners', 'streak-of-7-days'],
    ['03-10 15:00', nothing, 'active-learners', 'streak-in-danger', 'streak-of-7-days'],
    // One day was missed on the third, one on the ninth: with the tenth, what lies before the third is no longer part of it.
    ['03-11 03:59', nothing, 'active-learners', 'streak-in-danger', 'streak-of-7-days'],
    ['03-11 04:00', nothing, 'active-learners', 'streak-in-danger'],
    ['03-11 15:00', nothing, 'active-learners', 'no-lesson-3-days', 'streak-in-danger'],
    ['03-12 03:59', nothing, 'active-learners', 'no-lesson-3-days', 'streak-in-danger'],
    ['03-12 04:00', nothing, 'active-learners', 'no-lesson-3-days'],
  ]],
  ['a course is finished when it is completed within 90 days of its start', [
    ['03-02', course('Started')],
    ['03-03', course('Completed', 'french-1')],
    ['05-31', course('Completed'), 'finished-spanish-1'],
    ['2027-05-31', nothing, 'finished-spanish-1'],
  ]],
  ['a course that took longer, or was dropped between, is not finished until it is started again', [
    ['03-02', course('Started')],
    ['05-31 00:01', course('Completed')],
    ['06-01', course('Started')],
    ['06-02', course('Dropped')],
    ['06-03', course('Completed')],
    ['06-04', course('Started')],
    ['06-05', course('Dropped', 'french-1')],
    ['06-06', course('Completed'), 'finished-spanish-1'],
  ]],
]; // prettier-ignore

describe('learning', () => {
  it.each(stories)('%s', (_name, scenes) => {
    const story = new Story(segments);
    const seen = scenes.map(([when, what]) => {
      if (what === null) story.until(instant(when));
      else story.hear(instant(when), what);
      return [when, ...story.memberships];
    });
    expect(seen).toEqual(scenes.map(([when, , ...memberships]) => [when, ...memberships]));
  });

  it('has a story for every segment, and says in plain words what each is', () => {
    const told = new Set(stories.flatMap(([, scenes]) => scenes.flatMap(([, , ...memberships]) => memberships)));
    expect([...told].toSorted()).toEqual(learning.segments.map(({ id }) => id).toSorted());
    expect(learning.segments.filter(({ name, description }) => !name || !description?.endsWith('.'))).toEqual([]);
  });

  it('enters the segment that begins the comeback by time alone, once for each absence', () => {
    const story = new Story(segments);
    for (const day of ['03-02', '03-03', '03-10']) story.hear(instant(day), lesson(1));
    story.until(instant('12-01'));
    const entered = story.byTimeAlone.filter(({ before, after }) => !before.includes('no-lesson-3-days') && after.includes('no-lesson-3-days'));
    expect(entered.map(({ at }) => at)).toEqual([instant('03-06'), instant('03-13')]);
    // Who enters it this way was not away for long, and is written to.
    expect(entered.flatMap(({ after }) => after)).not.toContain('no-lesson-7-days');
  });
});
