export interface Output {
  write(chunk: string | Uint8Array): void;
  end(): void;
}

interface Spoken {
  chunks: (string | Uint8Array)[];
  ended: boolean;
}

const queue: Spoken[] = [];

/**
 * Takes what one of several phases says. The one that began first is printed as it speaks, the others when their turn
 * comes, so that a log reads as if they had run one after another.
 */
export function openOutput(title: string): Output {
  const own: Spoken = { chunks: [`\n── ${title}\n`], ended: false };
  queue.push(own);
  print();
  return {
    write(chunk) {
      own.chunks.push(chunk);
      print();
    },
    end() {
      own.ended = true;
      print();
    },
  };
}

/** The same output, and what was said to it. */
export function overhear(output: Output): { heard: Output; said(): string } {
  const chunks: string[] = [];
  const decoder = new TextDecoder();
  return {
    heard: {
      write(chunk) {
        chunks.push(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
        output.write(chunk);
      },
      end: () => output.end(),
    },
    said: () => chunks.join(""),
  };
}

function print(): void {
  for (let first = queue[0]; first; first = queue[0]) {
    for (const chunk of first.chunks.splice(0)) process.stdout.write(chunk);
    if (!first.ended) return;
    queue.shift();
  }
}
