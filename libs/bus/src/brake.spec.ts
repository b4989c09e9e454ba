import { describe, expect, it } from '@jest/globals';
import { Brake, TooManyDeadLetters } from './brake.js';

const setAside = (brake: Brake, times: number) => {
  for (let i = 0; i < times; i++) brake.settingAside();
};

describe('the brake', () => {
  it('lets single bad messages pass', () => {
    const brake = new Brake('c');
    brake.handled(500);
    expect(() => {
      setAside(brake, 19);
    }).not.toThrow();
  });

  it('stops before the letter that goes over 5 % of the last 1,000', () => {
    const brake = new Brake('c');
    brake.handled(1_000);
    setAside(brake, 50);
    expect(() => {
      brake.settingAside();
    }).toThrow(TooManyDeadLetters);
  });

  it('stops at twenty when nothing else arrives', () => {
    const brake = new Brake('c');
    setAside(brake, 19);
    expect(() => {
      brake.settingAside();
    }).toThrow('20 of the last 20');
  });

  it('forgets what is a thousand messages ago', () => {
    const brake = new Brake('c');
    brake.handled(1_000);
    setAside(brake, 50);
    brake.handled(1_000);
    expect(() => {
      setAside(brake, 50);
    }).not.toThrow();
  });
});
