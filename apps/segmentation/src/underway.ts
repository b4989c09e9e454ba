/** Works that were begun together and go on side by side. */
export class Underway<T = unknown> {
  private readonly works: Promise<T>[] = [];

  /** Takes a work in that has begun; that it fails is told by `done`. */
  begin(work: Promise<T>): void {
    work.catch(() => undefined);
    this.works.push(work);
  }

  /**
   * Resolves with what came of them when all came to an end. Unlike with `Promise.all` nothing is under way either when it rejects: nothing may be on
   * its way to others when the rows that it is about are let go.
   */
  async done(): Promise<T[]> {
    await this.ended();
    return Promise.all(this.works);
  }

  /** Resolves when all of them came to an end, however that was. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.works);
  }
}
