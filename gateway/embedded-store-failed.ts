/** The embedded store cannot be opened. */
export class EmbeddedStoreFailed extends Error {
  readonly code = 'embedded-store-failed';

  constructor(folder: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The embedded store in ${folder} cannot be opened: ${reason}`, { cause });
    this.name = 'EmbeddedStoreFailed';
  }
}
