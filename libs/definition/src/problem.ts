/** What is wrong with a definition, and where: `place` is a path such as `steps[1].delay`, empty for the whole of it. */
export interface Problem {
  readonly place: string;
  readonly message: string;
}

/** A problem of one definition of a set. */
export interface SetProblem extends Problem {
  readonly kind: 'segment' | 'computed-trait' | 'journey' | 'template' | 'source';
  readonly id: string;
}
