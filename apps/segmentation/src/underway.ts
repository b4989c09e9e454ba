/** Works that were begun together and go on side by side. */
export class Underway {
  private readonly works: Promise<unknown>[] = [];

  /** Takes a work in that has begun; that it fails is told by `done`. */
  begin(work: Promise<unknown>): void {
    work.catch(() => undefined);
    this.works.push(work);
  }

  /**
   * Resolves when all came to an end. Unlike with `Promise.all` nothing is under way either when it rejects: nothing may be on
   * its way to others when the rows that it is about are let go.
   */
  async done(): Promise<void> {
    await Promise.allSettled(this.works);
    await Promise.all(this.works);
  }
}
