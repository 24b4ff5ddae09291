const blockBytes = 1 << 20;

/** A block this full is handed over; the very first as soon as there is anything. */
const enoughBytes = blockBytes / 4;

interface Filled {
  block: Buffer;
  bytes: number;
}

/**
 * Bytes on their way from one who has them to one who wants them. The blocks are used in turn, so that gigabytes pass and leave
 * nothing to collect: what `read` yields is good only until the next is asked for.
 */
export class Blocks {
  private readonly free: Buffer[] = [1, 2, 3].map(() => Buffer.allocUnsafeSlow(blockBytes));
  private block: Buffer = Buffer.allocUnsafeSlow(blockBytes);
  private bytes = 0;
  private enough = 1;
  private readonly filled: Filled[] = [];
  private over = false;
  private failure: unknown = null;
  private wake: () => void = () => undefined;

  /** Takes bytes `from` (included) `to` (excluded) of a chunk. */
  put(chunk: Buffer, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const copied = chunk.copy(this.block, this.bytes, at, to);
      at += copied;
      this.bytes += copied;
      if (this.bytes === blockBytes) this.handOver();
    }
  }

  /** Hands over what is there once it is enough. Answers false when whoever puts should wait until a block was read. */
  offer(): boolean {
    if (this.bytes >= this.enough) this.handOver();
    return this.free.length > 1;
  }

  end(): void {
    if (this.bytes > 0) this.handOver();
    this.over = true;
    this.wake();
  }

  /** Whatever was not read yet is forgotten. */
  fail(error: unknown): void {
    this.failure = error;
    this.wake();
  }

  /** `again` is called whenever a block was read. @throws whatever it failed with. */
  async *read(again: () => void): AsyncGenerator<Buffer> {
    for (;;) {
      if (this.failure) throw this.failure;
      const next = this.filled.shift();
      if (next) {
        yield next.block.subarray(0, next.bytes);
        this.free.push(next.block);
        again();
      } else if (this.over) return;
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }

  private handOver(): void {
    this.filled.push({ block: this.block, bytes: this.bytes });
    this.block = this.free.pop() ?? Buffer.allocUnsafeSlow(blockBytes);
    this.bytes = 0;
    this.enough = enoughBytes;
    this.wake();
  }
}
