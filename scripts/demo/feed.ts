/** What one source has told, in order, to be taken one after the other. */
export class Feed<Message> {
  readonly #waiting: Message[] = [];
  #wake: () => void = () => {};
  #ended = false;

  push(message: Message): void {
    this.#waiting.push(message);
    this.#wake();
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The next message; undefined where none comes within so many milliseconds, or none will come at all. */
  async next(within: number): Promise<Message | undefined> {
    if (this.#waiting.length === 0 && !this.#ended && within > 0) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, within);
        this.#wake = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
    return this.#waiting.shift();
  }
}
