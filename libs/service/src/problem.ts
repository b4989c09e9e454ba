import { STATUS_CODES } from 'node:http';

/** What else a problem tells: members of its body, and headers of its answer. */
export interface ProblemExtra {
  readonly headers?: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}

/** An answer that refuses, as RFC 9457 wants it: thrown in a controller, sent as `application/problem+json`. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail?: string,
    readonly extra: ProblemExtra = {},
  ) {
    super(detail ?? title);
  }

  /** The problem that says no more than its status does. */
  static ofStatus(status: number, detail?: string, extra: ProblemExtra = {}): Problem {
    return new Problem(status, STATUS_CODES[status] ?? 'Error', detail, extra);
  }

  /** A document that a person wrote is not right: everything that is to be mended, each with its place. */
  static ofProblems(title: string, problems: readonly object[]): Problem {
    const things = problems.length === 1 ? '1 thing' : `${problems.length} things`;
    return new Problem(422, title, `${things} must be mended`, { problems });
  }

  /** The body of the answer. */
  body(): Readonly<Record<string, unknown>> {
    const { headers: _, ...members } = this.extra;
    return {
      type: 'about:blank',
      title: this.title,
      status: this.status,
      ...(this.detail ? { detail: this.detail } : {}),
      ...members,
    };
  }
}
